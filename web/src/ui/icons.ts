/** Line icons on a grid of 24: one path each. */
export const ICONS = {
  overview: 'M4 13h6V4H4zm10 7h6V4h-6zM4 20h6v-4H4z',
  alerts: 'M12 3l9.5 17h-19zM12 10v4m0 3v.01',
  cases: 'M3 7h18v12H3zM9 7V4h6v3M3 12h18',
  hunt: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12l5 5',
  rules: 'M5 4h14v16H5zM9 9h6m-6 4h6m-6 4h3',
  response: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z',
  reports: 'M5 20V10m5 10V4m5 16v-7m5 7V8',
  settings: 'M4 7h10m4 0h2M4 17h4m4 0h8M16 5v4M10 15v4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5m11 11L19 19M5 19l1.5-1.5m11-11L19 5',
  moon: 'M20 14A8.5 8.5 0 0 1 10 4a8 8 0 1 0 10 10z',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-5 4-7 8-7s8 2 8 7',
  leave: 'M10 4H5v16h5M15 8l4 4-4 4m4-4H9',
  help: 'M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2m0 3v.01',
} as const;
