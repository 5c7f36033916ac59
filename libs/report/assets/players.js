/* global document */

// Plays one clip at a time. The waveform shows the position, and a click on it seeks.
for (const player of document.querySelectorAll('[data-player]')) {
  const audio = player.querySelector('audio');
  const wave = player.querySelector('svg');
  const head = player.querySelector('[data-head]');
  const showPlace = () => head.setAttribute('x', String((1000 * audio.currentTime) / (audio.duration || 1)));
  audio.addEventListener('play', () => {
    for (const other of document.querySelectorAll('audio')) if (other !== audio) other.pause();
  });
  audio.addEventListener('timeupdate', showPlace);
  audio.addEventListener('seeked', showPlace);
  wave.addEventListener('click', (event) => {
    const box = wave.getBoundingClientRect();
    audio.currentTime = ((event.clientX - box.left) / box.width) * (audio.duration || 0);
    void audio.play();
  });
}
