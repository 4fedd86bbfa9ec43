/** One thing that `calends doctor` looked at. `advice` says what to do when it is not ok. */
export interface Finding {
  name: string;
  ok: boolean;
  found: string;
  advice?: string;
}
