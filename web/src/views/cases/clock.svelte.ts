/** The time, moved on every half a minute, for what counts down. Call it while a component is set up. */
export function clock(): { readonly now: number } {
  const state = $state({ now: Date.now() });
  $effect(() => {
    const timer = setInterval(() => (state.now = Date.now()), 30_000);
    return () => clearInterval(timer);
  });
  return state;
}
