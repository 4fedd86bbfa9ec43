/** One or two typing errors in names of events, houses, people and kinds; what is meant is judged as if it were spelt well. */
import { all, any, at, inToronto, kind, name, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

const meant = (query: string, meaning: string, ...grades: JudgedNeed["grades"]): JudgedNeed => ({
  query,
  need: `Meant: ${meaning}.`,
  grades,
});

export const MISSPELT: readonly JudgedNeed[] = [
  meant("kensingtn flea", "Kensington Flea", [3, name(/kensington flea/i)], [1, all(inToronto, at(/kensington market/i))]),
  meant(
    "toronto outdor picture show",
    "Toronto Outdoor Picture Show",
    [3, name(/outdoor picture show/i)],
    [1, name(/movies in the park/i)],
  ),
  meant("penn and tellr", "Penn and Teller", [3, name(/penn and teller/i)], [1, is.magicShow]),
  meant("dakhabraka", "the band DakhaBrakha", [3, name(/dakhabrakha/i)]),
  meant(
    "nuit blanch danforth",
    "Nuit Blanche East Danforth",
    [3, name(/nuit blanche/i)],
    [1, all(inToronto, name(/danforth/i), kind("Arts/Exhibits"))],
  ),
  meant(
    "koerner hal piano",
    "piano at Koerner Hall",
    [3, all(is.piano, at(/koerner hall/i))],
    [1, any(all(is.classical, at(/koerner hall/i)), is.piano)],
  ),
  meant("luminatto", "the Luminato festival", [3, name(/luminato/i)]),
  meant("beetoven", "music by Beethoven", [3, all(inToronto, name(/beethoven/i))], [2, all(inToronto, kind("Music"), says(/beethoven/i))]),
  meant("vivaldi glora", "Vivaldi's Gloria", [3, name(/gloria/i)], [1, all(inToronto, says(/vivaldi/i))]),
  meant("rubyfuzza", "the conference Rubyfuza", [3, name(/rubyfuza/i)]),
  meant(
    "kubecn europe",
    "KubeCon Europe",
    [3, name(/kubecon.*(europe|\beu\b)/i)],
    [2, all(name(/kubecon/i), at(/barcelona|copenhagen|valencia|london|paris|amsterdam/i))],
    [1, is.kubernetes],
  ),
  meant("fosdam", "FOSDEM", [3, name(/\bfosdem/i)]),
  meant(
    "javascrpt amsterdam",
    "JavaScript conferences in Amsterdam",
    [3, all(is.javascript, at(/amsterdam/i))],
    [1, all(is.javascript, at(/netherlands/i))],
  ),
  meant(
    "devopdays chicago",
    "Devopsdays Chicago",
    [3, all(name(/devops ?days?/i), at(/chicago/i))],
    [2, all(is.devops, at(/chicago/i))],
    [1, name(/devops ?days?/i)],
  ),
  meant("chrismas market", "Christmas markets", [3, all(is.christmasMarket, name(/christmas/i))], [2, is.christmasMarket]),
  meant("polarus music prize", "the Polaris Music Prize", [3, name(/polaris/i)]),
  meant("swan lak tchaikovski", "Tchaikovsky's Swan Lake", [3, name(/swan lake/i)], [1, all(inToronto, says(/tchaikovsky/i))]),
  meant(
    "chocolat making workshp",
    "workshops in making chocolate",
    [3, all(inToronto, name(/chocolate.*(workshop|class)/i))],
    [1, is.cookingClass],
  ),
  meant("winterlicous", "Winterlicious", [3, name(/winterlicious/i)]),
  meant(
    "distilery winter village",
    "The Distillery Winter Village",
    [3, name(/distillery winter village/i)],
    [2, at(/distillery winter village/i)],
    [1, all(inToronto, at(/distillery/i), kind("Celebrations", "Celebration"))],
  ),
  meant("comdey bar", "shows at the Comedy Bar", [3, at(/comedy bar/i)], [1, is.comedy]),
  meant("royal ontario musem", "what is on at the Royal Ontario Museum", [3, at(/royal ontario museum|\brom,/i)], [1, is.museum]),
  meant(
    "jaz festival",
    "jazz festivals",
    [3, all(inToronto, name(/jazz fest/i))],
    [2, name(/jazzintoronto community/i)],
    [1, any(is.jazzInName, is.jazz, all(inToronto, says(/\bjazz/i)))],
  ),
  meant("tree plantng event", "Tree Planting Events", [3, is.treePlanting], [1, all(inToronto, name(/trees? /i), kind("Environmental"))]),
  meant("soweto gosple choir", "the Soweto Gospel Choir", [3, name(/soweto gospel/i)], [1, is.choirInName]),
  meant("farmres market", "farmers' markets", [3, is.trueFarmersMarket], [2, is.farmersMarket], [1, is.market]),
];
