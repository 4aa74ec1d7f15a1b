import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

// The tokens use light-dark(): older targets would rewrite it into something that ignores the theme switch.
const BROWSERS = ['chrome123', 'edge123', 'firefox120', 'safari17.5']

export default defineConfig({
  plugins: [tailwindcss()],
  base: '/static/',
  build: {
    manifest: 'manifest.json',
    outDir: 'dist',
    target: BROWSERS,
    cssTarget: BROWSERS,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ['src/main.js', 'src/welcome.js'],
      // htmx carries one eval for filters we never write; htmx-config and the CSP both switch it off.
      checks: { eval: false },
    },
  },
})
