/** Which of an origin's series goes on from which, as its own documents say: events.continues_id of what came from peers. */
import { sql } from "kysely";
import { kyselyOf, type Tx } from "./handle.ts";

/**
 * Brings the links of these URIs' events, and of those that name them or are named by them, to what the statements say by now; the
 * statements of these URIs are written. The later half's own word on what it continues stands before another's that it is continued by it.
 * What a person here has put in between (the link crosses to another origin, or to us) stays.
 */
export async function linkForeignHalves(tx: Tx, uris: readonly string[], now: Date): Promise<void> {
  if (uris.length === 0) return;
  await sql`
    with told as materialized (
      select uri, entity_id, continues, continued_by from federation_statements where uri = any (${[...uris]}::text[]) and entity_kind = 'event'
    ), later as materialized (
      select uri from told
      union select continued_by from told where continued_by is not null
      union select s.uri from told t join federation_statements s on s.continues = t.uri
      union select s.uri from told t join events e on e.continues_id = t.entity_id join federation_statements s on s.entity_id = e.id
    ), linked as (
      select n.entity_id as id, n.origin_node_id, (
        select o.entity_id from federation_statements o
        where (o.uri = n.continues or o.continued_by = n.uri) and o.origin_node_id = n.origin_node_id and o.entity_kind = 'event'
          and o.entity_id is not null and not o.gone
        order by (o.uri = n.continues) desc nulls last, o.uri limit 1) as continues_id
      from later l join federation_statements n on n.uri = l.uri and n.entity_kind = 'event'
    )
    update events e set continues_id = l.continues_id, updated_at = ${now}
    from linked l left join events b on b.id = (select continues_id from events where id = l.id)
    where e.id = l.id and e.origin_node_id = l.origin_node_id and e.continues_id is distinct from l.continues_id
      and (b.id is null or b.origin_node_id = l.origin_node_id)`.execute(kyselyOf(tx));
}
