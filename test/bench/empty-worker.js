/** Baseline: what a Worker that does nothing costs. */
export default {
  fetch() {
    return new Response("ok");
  },
};
