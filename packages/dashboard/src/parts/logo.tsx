/** A canal, and the path beside it. */
export const Logo = ({ size = 22 }: { readonly size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 22 22" fill="none" strokeLinecap="round" aria-hidden="true">
    <path d="M2.5 16.5c5.5 0 5.5-11 11-11h6" stroke="currentColor" strokeWidth="2.4" />
    <path d="M10.5 18c4.5 0 5-7 9-7" stroke="var(--running)" strokeWidth="2.4" />
  </svg>
);
