/**
 * The API reference at /docs: the OpenAPI 3.1 document as one readable page, made on the server, without a script.
 */
import { ERROR_CODES } from "../../domain/errors.ts";
import { list, members, object, resolve, schemaId, text, typeOf } from "./docs-schema.ts";
import { operationSection, type Operation } from "./docs-operation.ts";
import { API_PATH, layout } from "./layout.ts";
import { html, localPath, paragraphs, type Html } from "./markup.ts";
import type { DocsPageView, OpenApiDocument } from "./view.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The whole document for `/docs`. */
export function docsPage(view: DocsPageView): string {
  const { openapi } = view;
  const operations = operationsOf(openapi);
  const declared = (openapi.tags ?? []).map(({ name }) => name);
  const tags = [...new Set([...declared, ...operations.map(({ tag }) => tag)])].filter((tag) =>
    operations.some((each) => each.tag === tag),
  );
  // A schema's id stands within its folded part, so that a browser which follows a link to it unfolds it.
  const schemas = Object.entries(object(object(openapi.components)?.schemas) ?? {});
  return layout(view, {
    title: "API reference",
    section: "docs",
    canonical: `${view.base}/docs`,
    description: `How to read from and write to ${view.nodeName}: every operation, parameter, answer and error.`,
    main: html`<h1>API reference</h1>
      <p class="lead">
        ${openapi.info.title}, version ${openapi.info.version}. The same as
        <a href="${localPath(view.base, `${API_PATH}/openapi.json`)}">an OpenAPI 3.1 document</a>.
      </p>
      ${openapi.info.description && paragraphs(openapi.info.description)}
      <nav aria-label="Operations">
        ${tags.map(
          (tag) =>
            html`<p>
                <a href="#${tagId(tag)}"><strong>${tag}</strong></a>
              </p>
              <ul class="toc">
                ${operations.filter((each) => each.tag === tag).map(({ id, method, path }) => html`<li><a href="#${id}">${method.toUpperCase()} ${path}</a></li>`)}
              </ul>`,
        )}
        <p>
          <a href="#errors"><strong>Errors</strong></a>
        </p>
      </nav>
      ${tags.map(
        (tag) =>
          html`<section aria-labelledby="${tagId(tag)}">
            <h2 id="${tagId(tag)}">${tag}</h2>
            ${paragraphs(openapi.tags?.find(({ name }) => name === tag)?.description ?? "")}
            ${operations.filter((each) => each.tag === tag).map((each) => operationSection(view, each))}
          </section>`,
      )}
      ${errors()}
      ${
        schemas.length > 0 &&
        html`<section aria-labelledby="schemas">
          <h2 id="schemas">Schemas</h2>
          ${schemas.map(
            ([name, schema]) =>
              html`<details class="schema">
                <summary>${name}</summary>
                <div id="${schemaId(name)}">
                  ${paragraphs(text(object(schema)?.description) ?? "")}
                  <p class="quiet">${typeOf(schema)}</p>
                  ${members(schema)}
                </div>
              </details>`,
          )}
        </section>`
      }`,
  });
}

const slug = (words: string) => words.replaceAll(/\W+/g, "-").replaceAll(/^-|-$/g, "").toLowerCase();
const tagId = (tag: string) => `tag-${slug(tag)}`;

function operationsOf(openapi: OpenApiDocument): Operation[] {
  return Object.entries(openapi.paths ?? {}).flatMap(([path, value]) => {
    const item = object(value) ?? {};
    return METHODS.flatMap((method) => {
      const operation = object(item[method]);
      if (operation === undefined) return [];
      const parameters = [...list(item.parameters), ...list(operation.parameters)]
        .map((each) => resolve(openapi, each))
        .filter((each) => each !== undefined);
      return [
        { id: `${method}-${slug(path) || "root"}`, method, path, tag: text(list(operation.tags)[0]) ?? "Other", operation, parameters },
      ];
    });
  });
}

function errors(): Html {
  return html`<section aria-labelledby="errors">
    <h2 id="errors">Errors</h2>
    <p>
      Every error is a problem document (RFC 9457, <code>application/problem+json</code>) with one of these codes in <code>code</code>.
      Where fields are wrong, <code>errors</code> names each by a JSON Pointer.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Error codes">
      <table>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Status</th>
            <th scope="col">Meaning</th>
            <th scope="col">Try again?</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(ERROR_CODES).map(
            ([code, { status, title, retryable }]) =>
              html`<tr id="error-${code}">
                <th scope="row"><code>${code}</code></th>
                <td>${status}</td>
                <td>${title}</td>
                <td>${retryable ? "yes, later" : "no"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
