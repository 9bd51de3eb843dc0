// The bell, and the sound of keys, made of two tones each.
const KEYS = { 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477], 7: [852, 1209], 8: [852, 1336], 9: [852, 1477], "*": [941, 1209], 0: [941, 1336], "#": [941, 1477] };
const BELL = [440, 480];

export class Ringer {
  play(tones, seconds, volume) {
    const context = this.context ??= new AudioContext(), gain = context.createGain();
    gain.gain.value = volume;
    gain.connect(context.destination);
    for (const tone of tones) {
      const oscillator = context.createOscillator();
      oscillator.frequency.value = tone;
      oscillator.connect(gain);
      oscillator.start();
      oscillator.stop(context.currentTime + seconds);
    }
  }

  beep(key) {
    if (KEYS[key]) this.play(KEYS[key], 0.12, 0.05);
  }

  ring(on) {
    if (on === Boolean(this.bell)) return;
    clearInterval(this.bell);
    this.bell = null;
    if (!on) return;
    this.play(BELL, 1, 0.08);
    this.bell = setInterval(() => this.play(BELL, 1, 0.08), 3000);
  }
}
