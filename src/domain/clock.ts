/** What time it is. createNode makes the real one; tests pass their own. Nothing else reads the wall clock. */
export type Clock = () => Date;
