/** The form to sign in to the admin pages with an admin's key. */
import { adminLayout, complaint } from "./admin-layout.ts";
import { html, localPath } from "./markup.ts";
import type { PageView } from "./view.ts";

/** The whole document. `next` is the admin page to go on to. */
export function signInPage(view: PageView & { next: string; fault?: string | undefined }): string {
  return adminLayout(view, {
    title: "Sign in",
    main: html`<h1>Sign in</h1>
      <p>These pages are for the keepers of ${view.nodeName}.</p>
      ${complaint(view.fault)}
      <form class="decide" method="post" action="${localPath(view.base, "/admin/sign-in")}">
        <input type="hidden" name="next" value="${view.next}" />
        <div>
          <label for="key">Admin key</label><input id="key" name="key" type="password" maxlength="500" autocomplete="current-password" />
        </div>
        <button class="first">Sign in</button>
      </form>`,
  });
}
