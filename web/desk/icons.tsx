/** The desk's pictures, drawn in the colour of the text around them. */

const PATHS = {
  accepted: "M12 2a10 10 0 100 20 10 10 0 000-20zM7 12.5l3.5 3.5L17 8.5",
  rejected: "M12 2a10 10 0 100 20 10 10 0 000-20zM8 8l8 8M16 8l-8 8",
  printed: "M3 5h18v14H3zM6 9h5v5H6zM14 9h4M14 12.5h4M6 16.5h12",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8v8M11 8v8M13.5 8v8M16 8v8",
  camera: "M3 8h4l2-3h6l2 3h4v11H3zM12 9.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7z",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 6M16 9.5a1 1 0 100-2 1 1 0 000 2z",
  phone: "M7 2h10v20H7zM11 18.5h2",
  ask: "M4 4h16v12H9l-5 4zM8.5 8.5h7M8.5 12h4",
  today: "M4 6h16v15H4zM4 10h16M8 3v4M16 3v4M8 14h3M8 17h6",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.5v5M8 14.5v5",
  menu: "M4 6h16M4 12h16M4 18h16",
  person: "M12 4a4 4 0 100 8 4 4 0 000-8zM4 21a8 8 0 0116 0",
  lock: "M6 11h12v10H6zM8.5 11V7.5a3.5 3.5 0 017 0V11",
  screen: "M3 4h18v12H3zM8 21h8M12 16v5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon(props: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}
