import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', 'test-results'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } } },
  {
    rules: {
      // Log content is hostile: it is only ever text.
      'svelte/no-at-html-tags': 'error',
      'svelte/no-target-blank': 'error',
      // Links are made by the router's own table.
      'svelte/no-navigation-without-resolve': 'off',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'What a log says is text: set textContent.' },
        { property: 'outerHTML', message: 'What a log says is text: set textContent.' },
        { property: 'insertAdjacentHTML', message: 'What a log says is text: set textContent.' },
      ],
      eqeqeq: 'error',
    },
  },
);
