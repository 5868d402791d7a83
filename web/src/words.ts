// The script's own words, in the language of the page.
const chinese = document.documentElement.lang.startsWith("zh");

export function pick(zh: string, en: string): string {
  return chinese ? zh : en;
}
