/**
 * One operation of the API reference: parameters, bodies, answers, and a command to try it.
 */
import { list, members, object, resolve, schemaName, text, typeOf, type Json } from "./docs-schema.ts";
import { html, paragraphs, type Html, type Part } from "./markup.ts";
import type { DocsPageView } from "./view.ts";

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  operation: Json;
  parameters: Json[];
}

/** A section under the operation's tag; everything long is folded. */
export function operationSection(view: DocsPageView, { id, method, path, operation, parameters }: Operation): Html {
  const body = resolve(view.openapi, operation.requestBody);
  const responses = Object.entries(object(operation.responses) ?? {});
  return html`<section class="operation" aria-labelledby="${id}">
    <h3 id="${id}"><b>${method.toUpperCase()}</b> ${path}</h3>
    ${operation.deprecated === true && html`<p><strong>Deprecated.</strong></p>`}
    ${text(operation.summary) && html`<p>${text(operation.summary)}</p>`} ${prose(operation.description)}
    ${
      parameters.length > 0 &&
      html`<details>
        <summary>Parameters (${parameters.length})</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Parameters of ${method.toUpperCase()} ${path}">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">In</th>
                <th scope="col">Type</th>
                <th scope="col">Meaning</th>
              </tr>
            </thead>
            <tbody>
              ${parameters.map(parameterRow)}
            </tbody>
          </table>
        </div>
      </details>`
    }
    ${
      body &&
      html`<details class="schema">
        <summary>Request body${body.required === true && ", required"}</summary>
        <div>${prose(body.description)}${content(body)}</div>
      </details>`
    }
    ${
      responses.length > 0 &&
      html`<details class="schema">
        <summary>Answers: ${responses.map(([status]) => status).join(", ")}</summary>
        <ul>
          ${responses.map(([status, each]) => {
            const response = resolve(view.openapi, each) ?? {};
            return html`<li><strong>${status}</strong> ${text(response.description)}${content(response)}</li>`;
          })}
        </ul>
      </details>`
    }
    <details>
      <summary>Example</summary>
      <pre tabindex="0"><code>${curl(view, { method, path, operation, parameters }, body)}</code></pre>
    </details>
  </section>`;
}

function prose(description: unknown): Part {
  return paragraphs(text(description) ?? "");
}

function parameterRow(parameter: Json): Html {
  return html`<tr>
    <th scope="row"><code>${text(parameter.name)}</code></th>
    <td>${text(parameter.in)}${parameter.required === true && ", required"}</td>
    <td>${typeOf(parameter.schema)}</td>
    <td>${text(parameter.description) ?? text(object(parameter.schema)?.description)}</td>
  </tr>`;
}

/** Media types and their schemas; types that share a schema share a line. */
function content(holder: Json): Part {
  const entries = Object.entries(object(holder.content) ?? {});
  const bySchema = Map.groupBy(entries, ([, media]) => JSON.stringify(object(media)?.schema) ?? "");
  return [...bySchema.values()].map((group) => {
    const schema = object(group[0]?.[1])?.schema;
    return html`<p class="quiet">
        ${group.map(([type], index) => [index > 0 && ", ", html`<code>${type}</code>`])}${schema !== undefined && [": ", typeOf(schema)]}
      </p>
      ${schemaName(schema) === undefined && members(schema)}`;
  });
}

/** A command that can be pasted into a shell once the words in braces are replaced. */
function curl(
  { base }: DocsPageView,
  { method, path, operation, parameters }: Omit<Operation, "id" | "tag">,
  body: Json | undefined,
): string {
  const required = parameters
    .filter((each) => each.in === "query" && each.required === true)
    .map((each) => `${String(each.name)}={${String(each.name)}}`);
  const [type, media] = Object.entries(object(body?.content) ?? {})[0] ?? [];
  const example = object(media)?.example ?? object(Object.values(object(object(media)?.examples) ?? {})[0])?.value;
  return [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} '${base}${path}${required.length > 0 ? `?${required.join("&")}` : ""}'`,
    ...(list(operation.security).some((each) => Object.keys(object(each) ?? {}).length > 0) ? [`  -H "Authorization: Bearer $KEY"`] : []),
    ...(type === undefined
      ? []
      : [
          `  -H 'Content-Type: ${type}'`,
          example === undefined ? "  --data-binary @body" : `  -d '${JSON.stringify(example).replaceAll("'", String.raw`'\''`)}'`,
        ]),
  ].join(" \\\n");
}
