/** The files of a service's folder, as detection sees them. Paths are relative, with `/`. */
export interface FileView {
  /** Is there a regular file of this name inside the folder? */
  exists(path: string): boolean;
  /** Its text; null when there is none. Throws `too_large` for a file that nobody wrote by hand. */
  read(path: string): string | null;
}
