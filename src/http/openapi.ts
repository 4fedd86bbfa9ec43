/** The API's description without a node: what `npm run gen` writes to docs/openapi.json. */
import packageJson from "../../package.json" with { type: "json" };
import { addRoutes } from "./app.ts";
import { describeApi } from "./describe-api.ts";
import { feedRoutes, type FeedRouteParts } from "./feeds.ts";
import { DEFAULT_LIMITS, type HttpParts } from "./parts.ts";
import { newApp } from "./routing.ts";

/** Routes are declared here and none is called: what they would need to answer may be absent. */
export function openapiDocument(): object {
  const { version } = packageJson;
  const app = newApp();
  const unused = () => {
    throw new Error("routes are only described here");
  };
  const closing = new AbortController().signal;
  const parts = {
    base: "https://node.example",
    nodeName: "Calends",
    version,
    limits: DEFAULT_LIMITS,
    closing,
    feed: feedRoutes({ closing } as Partial<FeedRouteParts> as FeedRouteParts),
  } as Partial<HttpParts> as HttpParts;
  addRoutes(app, parts, { authenticate: unused, anonymous: unused, forget: unused }, { observe: unused, refresh: unused });
  return describeApi(app, { version });
}
