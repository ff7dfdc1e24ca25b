// Before the first paint, so that nobody in the dark sees a white page first.
(() => {
  let wish = 'auto';
  try {
    wish = localStorage.getItem('towpath-scheme') ?? 'auto';
  } catch {
    // Storage is off: the system decides.
  }
  const dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
