// The time, once a second, for ages and countdowns.
class Now {
  value = $state(Date.now());
  constructor() {
    setInterval(() => (this.value = Date.now()), 1000);
  }
}

export const now = new Now();
