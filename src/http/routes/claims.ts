/** What sources say of one event, overruled by people: contradictions, pins, withdrawals of a claim and of a whole source. */
import { z } from "@hono/zod-openapi";
import { conflictedEvents, namesOf } from "../../db/admin-views.ts";
import type { Reader } from "../../db/database.ts";
import { endOfChain } from "../../db/merges.ts";
import { findSource } from "../../db/sources.ts";
import { sourceNames } from "../../db/speaker.ts";
import { withdrawalsOf, type Withdrawal } from "../../db/withdrawals.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { claimedValue, sourceNamed } from "../../registry/claimed-value.ts";
import { pinField } from "../../registry/pin-field.ts";
import { readContrary } from "../../registry/review-sides.ts";
import { speakerOf } from "../../registry/speaker.ts";
import { liftWithdrawal, withdrawClaim } from "../../registry/withdraw-claim.ts";
import { reinstateSource, withdrawSource } from "../../registry/withdraw-source.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent, ulidParameter } from "../schemas.ts";
import { sourceSchema } from "./admin-shapes.ts";
import {
  adminFamily,
  bodyOf,
  given,
  json,
  jsonAnswer,
  named,
  nameOf,
  ONCE_PROBLEMS,
  onceHeaders,
  present,
  sourceParameter,
} from "./admin-routes.ts";
import * as shapes from "./review-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

/** Events that one page of contradictions looks at. */
const WINDOW = 5_000;
const EVENT = "/api/v1/admin/events/{ulid}";
const SOURCE = "/api/v1/admin/sources/{name}/withdrawal";
const WRITE_PROBLEMS = [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found", "conflict", "gone", "invalid_transition"] as const;
const withdrawalParameters = ulidParameter.extend({ withdrawal: z.string() });

export function claimRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base } = parts;
  const add = adminFamily(app);
  const shown = { description: "The event as it stands now.", ...jsonContent(entitySchema, "application/ld+json") };
  const taken = { description: "The withdrawal.", ...jsonContent(shapes.withdrawalSchema) };

  add(
    {
      method: "get",
      path: "/api/v1/admin/conflicts",
      summary: "List events of which sources say different things",
      description:
        "Decided ones too: what trust decides is no question, but may be a mistake. A page looks at a bounded number of events, so that it may hold few or none: go on while `next_cursor` is not null.",
      request: { query: shapes.pageQuery },
      responses: { 200: { description: "One page.", ...jsonContent(shapes.listOf(shapes.conflictSchema)) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const { limit = 50, after } = readQuery(c, shapes.pageQuery);
      return json(
        c,
        await database.read(async (on) => {
          const { conflicts, last } = await conflictedEvents(on, { after: after && uuidOf(after), window: WINDOW, limit });
          const ids = conflicts.map(({ eventId }) => eventId);
          const [contrary, names] = [await readContrary(on, ids), await namesOf(on, ids)];
          const items = ids.map((id) => ({ entity: named(base, "event", id, names), fields: contrary.get(id) ?? [] }));
          return { items, next_cursor: last === undefined ? null : ulidOf(last) };
        }),
      );
    },
  );
  add(
    {
      method: "post",
      path: `${EVENT}/pins`,
      summary: "Pin a field's value",
      description:
        "It becomes the curator's claim, which stands before all others and survives every harvest. To unpin, withdraw the curator's claim.",
      request: { params: ulidParameter, ...bodyOf(shapes.newPin) },
      responses: { 200: shown },
      problems: WRITE_PROBLEMS,
    },
    async (c) => {
      const eventId = idOf(c);
      const { payload, value: pin } = await given(c, parts, shapes.newPin);
      const caller = requireRole(c);
      const { field, fromSource: source, reason } = pin;
      if ((source === undefined) === (pin.value === undefined))
        throw new RegistryError("invalid_body", { detail: "value: expected either value or fromSource.", pointer: "/value" });
      return answer(c, parts, caller, payload, async (tx) => {
        const value = source === undefined ? pin.value : await claimedValue(tx, { eventId, field, source });
        await pinField(registry, caller, tx, { eventId, field, value, reason });
        return eventAnswer(parts, tx, { eventId, outcome: "pinned", status: 200 });
      });
    },
  );

  const withdrawals = async (on: Reader, eventId: string) => {
    const found = await withdrawalsOf(on, [eventId]);
    const names = await sourceNames(on, [...new Set(found.map(({ sourceId }) => sourceId))]);
    return found.map((one) => withdrawalOf(one, names));
  };
  add(
    {
      method: "get",
      path: `${EVENT}/withdrawals`,
      summary: "List what was taken back of an event",
      request: { params: ulidParameter },
      responses: {
        200: { description: "All that holds now.", ...jsonContent(z.strictObject({ items: z.array(shapes.withdrawalSchema) })) },
      },
      problems: ["not_found"],
    },
    async (c) => json(c, { items: await database.read((on) => withdrawals(on, idOf(c))) }),
  );
  add(
    {
      method: "post",
      path: `${EVENT}/withdrawals`,
      summary: "Take back what a source says of a field",
      description: "While the source says this very value, it does not count; the next best claim wins. Another value is another claim.",
      request: { params: ulidParameter, ...bodyOf(shapes.newWithdrawal) },
      responses: { 201: taken },
      problems: WRITE_PROBLEMS,
    },
    async (c) => {
      const eventId = idOf(c);
      const { payload, value } = await given(c, parts, shapes.newWithdrawal);
      const { source, ...rest } = value;
      const caller = requireRole(c);
      return answer(c, parts, caller, payload, async (tx) => {
        const { id: sourceId } = await sourceNamed(tx, source);
        const { withdrawalId } = await withdrawClaim(registry, caller, tx, { eventId, sourceId, ...rest });
        return jsonAnswer(await oneWithdrawal(tx, eventId, withdrawalId), 201);
      });
    },
  );
  add(
    {
      method: "delete",
      path: `${EVENT}/withdrawals/{withdrawal}`,
      summary: "Let a claim count again",
      request: { params: withdrawalParameters, headers: onceHeaders, query: shapes.reasonQuery },
      responses: { 200: shown },
      problems: [...ONCE_PROBLEMS, "invalid_query", "not_found"],
    },
    async (c) => {
      const [eventId, withdrawalId] = [idOf(c), uuidOf(c.req.param("withdrawal") ?? "")];
      const { reason } = readQuery(c, shapes.reasonQuery);
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        if (withdrawalId === undefined || !(await withdrawalsOf(tx, [eventId])).some(({ id }) => id === withdrawalId))
          throw new RegistryError("not_found", { detail: "There is no such withdrawal of this event, or it was lifted already." });
        await liftWithdrawal(registry, caller, tx, { withdrawalId, reason });
        return eventAnswer(parts, tx, { eventId, outcome: "reinstated", status: 200 });
      });
    },
  );
  addRoute(
    app,
    {
      method: "post",
      path: "/api/v1/events/{ulid}/withdrawals",
      tags: ["Events"],
      summary: "Take back one's own claim on a field",
      security: [{ key: [] }],
      description:
        "While the source says this very value, it does not count. An admin who names no source takes back the curator's, which unpins it.",
      request: {
        params: ulidParameter,
        headers: writeHeaders,
        body: { required: true, ...jsonContent(shapes.ownWithdrawal) },
      },
      responses: { 201: taken },
      problems: [...KEY_PROBLEMS, ...WRITE_PROBLEMS],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const eventId = idOf(c);
      const { payload, value } = await given(c, parts, shapes.ownWithdrawal);
      return answer(c, parts, caller, payload, async (tx) => {
        const { id: sourceId } = await speakerOf(registry, caller, tx);
        const { withdrawalId } = await withdrawClaim(registry, caller, tx, { eventId, sourceId, ...value });
        return jsonAnswer(await oneWithdrawal(tx, eventId, withdrawalId), 201);
      });
    },
  );

  const sourceOf = async (on: Reader, name: string) => {
    const source = (await findSource(on, name))!;
    return jsonAnswer(present({ ...source, id: ulidOf(source.id) }));
  };
  const withdrawn = { description: "The source; its events are decided anew in the background.", ...jsonContent(sourceSchema) };
  add(
    {
      method: "post",
      path: SOURCE,
      summary: "Withdraw a source",
      description:
        "It says nothing any more; the next best claims win, and events that nobody else speaks for go out of sight. Its records stay.",
      request: { params: sourceParameter, ...bodyOf(shapes.sourceWithdrawal) },
      responses: { 200: withdrawn },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found", "conflict"],
    },
    async (c) => {
      const name = nameOf(c);
      const { payload, value } = await given(c, parts, shapes.sourceWithdrawal);
      const caller = requireRole(c);
      return answer(c, parts, caller, payload, async (tx) => {
        await withdrawSource(registry, caller, tx, { name, reason: value.reason });
        return sourceOf(tx, name);
      });
    },
  );
  add(
    {
      method: "delete",
      path: SOURCE,
      summary: "Let a withdrawn source speak again",
      request: { params: sourceParameter, headers: onceHeaders, query: shapes.reasonQuery },
      responses: { 200: withdrawn },
      problems: [...ONCE_PROBLEMS, "invalid_query", "not_found", "conflict"],
    },
    async (c) => {
      const name = nameOf(c);
      const { reason } = readQuery(c, shapes.reasonQuery);
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        await reinstateSource(registry, caller, tx, { name, reason });
        return sourceOf(tx, name);
      });
    },
  );
}

/** Throws `not_found` for what no source may be called. */
async function oneWithdrawal(on: Reader, eventId: string, id: string): Promise<object> {
  const one = (await withdrawalsOf(on, [await endOfChain(on, "event", eventId)])).find((each) => each.id === id)!;
  return withdrawalOf(one, await sourceNames(on, [one.sourceId]));
}

function withdrawalOf({ id, sourceId, field, actor, reason, withdrawnAt }: Withdrawal, names: ReadonlyMap<string, string>): object {
  return present({ id: ulidOf(id), source: names.get(sourceId), field: field.slice(1), actor, reason, withdrawnAt });
}
