/** Work that is done one after the other, in the order in which it was asked for. */
export class Turns {
  private readonly names = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  /** Returns whether nothing is being done or waits. */
  get areOver(): boolean {
    return this.names.size === 0;
  }

  /**
   * Does the work after all that was asked for before, and returns what it returns. What waits already under this name is
   * asked for once: the second time it is `null`.
   */
  async take<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    if (this.names.has(name)) return null;
    this.names.add(name);
    const mine = this.last.then(work);
    // Work that fails holds up no other.
    this.last = mine.catch(() => null);
    try {
      return await mine;
    } finally {
      this.names.delete(name);
    }
  }
}
