declare module "*.json?texts" {
  const texts: Record<string, string>;
  export default texts;
}
