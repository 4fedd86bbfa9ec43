/**
 * One catalogue of what can go wrong. Problem responses (RFC 9457), OpenAPI responses and docs derive from it.
 * Throw a RegistryError for a request; return its `problem` for one item of many.
 */
export const ERROR_CODES = {
  malformed_request: { status: 400, title: "The request cannot be read", retryable: false },
  malformed_json: { status: 400, title: "The body is not JSON", retryable: false },
  invalid_body: { status: 422, title: "The body is not as it is expected here", retryable: false },
  invalid_query: { status: 400, title: "A query parameter is wrong", retryable: false },
  invalid_cursor: { status: 400, title: "The cursor is malformed", retryable: false },
  cursor_beyond_head: { status: 400, title: "The cursor lies beyond the head of the feed", retryable: false },
  unauthenticated: { status: 401, title: "A valid key is needed", retryable: false },
  forbidden: { status: 403, title: "This key may not do that", retryable: false },
  not_found: { status: 404, title: "Nothing is here", retryable: false },
  page_not_closed: { status: 404, title: "This feed page is not closed yet", retryable: true },
  method_not_allowed: { status: 405, title: "This method is not allowed here", retryable: false },
  not_acceptable: { status: 406, title: "None of the accepted formats can be served", retryable: false },
  conflict: { status: 409, title: "The change conflicts with the present state", retryable: false },
  invalid_transition: { status: 409, title: "The event's lifecycle does not allow this", retryable: false },
  idempotency_conflict: { status: 422, title: "This Idempotency-Key was used for another request", retryable: false },
  idempotency_in_flight: { status: 409, title: "The first request with this Idempotency-Key is still running", retryable: true },
  gone: { status: 410, title: "This was here and is gone", retryable: false },
  wrong_epoch: { status: 410, title: "The cursor belongs to an earlier epoch of the feed", retryable: false },
  retention_passed: { status: 410, title: "The feed no longer keeps this position", retryable: false },
  precondition_failed: { status: 412, title: "The entity has changed since you read it", retryable: false },
  too_large: { status: 413, title: "The body is too large", retryable: false },
  unsupported_media_type: { status: 415, title: "This media type is not understood here", retryable: false },
  range_not_satisfiable: { status: 416, title: "The range lies outside the file", retryable: false },
  too_complex: { status: 422, title: "The document is too deep or too large to read", retryable: false },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  internal: { status: 500, title: "Something went wrong here", retryable: true },
  unavailable: { status: 503, title: "The node cannot answer at the moment", retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One fault of one field; `pointer` is an RFC 6901 JSON Pointer into what was sent. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

export interface ErrorDetails {
  /** Names the field and what was expected. */
  detail: string;
  pointer?: string;
  errors?: FieldFault[];
  /** Extension members of the problem document. */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** RFC 9457 problem details, as served. `type` is relative to the node's base. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  errors?: FieldFault[];
  instance?: string;
  [extension: string]: unknown;
}

export class RegistryError extends Error {
  override name = "RegistryError";
  readonly code: ErrorCode;
  readonly errors: FieldFault[];
  readonly extra: Record<string, unknown>;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.detail, { cause: details.cause });
    this.code = code;
    this.errors = details.errors ?? (details.pointer === undefined ? [] : [{ pointer: details.pointer, detail: details.detail }]);
    this.extra = details.extra ?? {};
  }

  get problem(): Problem {
    const { status, title } = ERROR_CODES[this.code];
    return {
      type: `/problems/${this.code}`,
      title,
      status,
      detail: storable(this.message),
      code: this.code,
      ...(this.errors.length > 0 && {
        errors: this.errors.map(({ pointer, detail }) => ({ pointer: storable(pointer), detail: storable(detail) })),
      }),
      ...this.extra,
    };
  }
}

/** Problems quote what was sent, and are kept as jsonb, which holds neither NUL nor half a surrogate pair. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");
