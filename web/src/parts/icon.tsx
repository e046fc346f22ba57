const PATHS = {
  folder: "M2 5a1 1 0 0 1 1-1h4l2 2h8a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z",
  file: "M5 2h7l4 4v12H5zM12 2v4h4",
} as const;

/** A small sign beside a name, which says the same in words. */
export function Icon({ of }: { of: keyof typeof PATHS }) {
  return (
    <svg className={`icon ${of}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[of]} />
    </svg>
  );
}
