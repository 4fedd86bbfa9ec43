/**
 * Settings of every session. A vector index is walked on until enough neighbours pass the filter, within bounds
 * (src/db/search-ranked.ts); compiling a plan (jit) takes longer than any statement of ours; what is sorted of 2,000
 * candidates stays in memory; a page beside another costs hardly less than one elsewhere, on SSDs and in memory.
 */
export const SESSION = [
  "hnsw.iterative_scan=relaxed_order",
  "hnsw.ef_search=400",
  "hnsw.max_scan_tuples=40000",
  "jit=off",
  "work_mem=32MB",
  "random_page_cost=1.1",
] as const;
