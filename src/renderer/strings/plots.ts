/** Words around a plot. */
export const plotStrings = {
  showData: (title: string) => `Data of “${title}”`,
  data: 'Data',
  export: (title: string) => `Export “${title}”`,
  svg: 'Picture as SVG',
  png: 'Picture as PNG',
  csv: (name: string) => `Table as CSV (${name})`,
  exported: (fileName: string) => `Exported ${fileName}`,
  drawing: 'Drawing…',
  notDrawn: 'The plot could not be drawn. Its values are in the table.',
  moreRows: (count: number) => `${count.toLocaleString('en')} more rows are in the CSV.`,
};
