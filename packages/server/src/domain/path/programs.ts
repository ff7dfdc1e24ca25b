/**
 * The PATH with the folders of programs that a service's dependencies bring in front, so that they can be called by their names: `pytest`
 * of a virtual environment. Nothing when there are none.
 */
export function pathWith(folder: string, programs: readonly string[], path = ''): { PATH?: string } {
  return programs.length === 0 ? {} : { PATH: [...programs.map((each) => `${folder}/${each}`), path].join(':') };
}
