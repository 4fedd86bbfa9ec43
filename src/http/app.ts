/** The node's HTTP application: the frame around every request, and one file of routes a family. */
import type { HttpApp, HttpContext, HttpParts } from "./parts.ts";
import { createAuthenticator, type Authenticator } from "./auth.ts";
import { createFrame } from "./frame.ts";
import { createMetrics, type HttpMetrics } from "./metrics.ts";
import { refuse } from "./problems.ts";
import { adminPageRoutes } from "./routes/admin-pages.ts";
import { adminRoutes } from "./routes/admin.ts";
import { assetRoutes } from "./routes/assets.ts";
import { batchRoutes } from "./routes/batches.ts";
import { calendarRoutes } from "./routes/calendars.ts";
import { claimRoutes } from "./routes/claims.ts";
import { dereferenceRoutes } from "./routes/dereference.ts";
import { docsRoutes } from "./routes/docs.ts";
import { documentRoutes } from "./routes/documents.ts";
import { federationSyncRoutes } from "./routes/federation-sync.ts";
import { feedSubscriptionRoutes } from "./routes/feed-subscriptions.ts";
import { harvestRoutes } from "./routes/harvests.ts";
import { healthRoutes } from "./routes/health.ts";
import { mergeRoutes } from "./routes/merges.ts";
import { occurrenceRoutes } from "./routes/occurrences.ts";
import { peerRoutes } from "./routes/peers.ts";
import { readApiRoutes } from "./routes/read-api.ts";
import { reviewRoutes } from "./routes/reviews.ts";
import { savedSearchFeedRoutes } from "./routes/saved-search-feeds.ts";
import { savedSearchRoutes } from "./routes/saved-searches.ts";
import { searchRoutes } from "./routes/search.ts";
import { searchPageRoutes } from "./routes/search-page.ts";
import { sourceHealthRoutes } from "./routes/source-health.ts";
import { takedownRoutes } from "./routes/takedowns.ts";
import { writeEventRoutes } from "./routes/write-events.ts";
import { createUnanswered, newApp } from "./routing.ts";

/** `createApp(parts).fetch` answers requests that carry node-server's bindings (server.ts puts it behind a socket). */
export function createApp(parts: HttpParts): HttpApp {
  const app = newApp();
  const authenticator = createAuthenticator(parts);
  const metrics = createMetrics(parts);
  app.use(createFrame(parts, authenticator, metrics));
  addRoutes(app, parts, authenticator, metrics);
  const unanswered = createUnanswered(app);
  app.notFound((c) => refuse(c as HttpContext, parts, unanswered(c as HttpContext)));
  app.onError((error, c) => refuse(c as HttpContext, parts, error));
  return app;
}

/** The routes alone, without what surrounds them: what the API's description is made from. */
export function addRoutes(app: HttpApp, parts: HttpParts, authenticator: Authenticator, metrics: HttpMetrics): void {
  healthRoutes(app, parts, metrics);
  writeEventRoutes(app, parts);
  batchRoutes(app, parts);
  // Before the entities' own routes: /api/v1/events/search and the like would read as ULIDs.
  if (parts.feed !== undefined) app.route("/", parts.feed);
  searchRoutes(app, parts);
  searchPageRoutes(app, parts);
  savedSearchRoutes(app, parts);
  savedSearchFeedRoutes(app, parts);
  calendarRoutes(app, parts);
  readApiRoutes(app, parts);
  dereferenceRoutes(app, parts);
  occurrenceRoutes(app, parts);
  federationSyncRoutes(app, parts);
  // Before the admin's: a peer may keep its own.
  feedSubscriptionRoutes(app, parts);
  adminRoutes(app, parts, authenticator);
  harvestRoutes(app, parts);
  peerRoutes(app, parts);
  reviewRoutes(app, parts);
  mergeRoutes(app, parts);
  claimRoutes(app, parts);
  adminPageRoutes(app, parts);
  takedownRoutes(app, parts);
  sourceHealthRoutes(app, parts);
  documentRoutes(app, parts);
  assetRoutes(app);
  docsRoutes(app, parts);
}
