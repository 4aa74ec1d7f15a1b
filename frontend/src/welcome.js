// The one-time key travels in the address' fragment, which no server log sees; it is posted once and wiped.
const key = new URLSearchParams(location.hash.slice(1)).get('key')
if (key) {
  history.replaceState(null, '', location.pathname)
  const form = document.getElementById('welcome-form')
  form.elements.key.value = key
  form.requestSubmit()
}
