/** What kinds of event there are in the corpus, as a reader of all their names and descriptions would sort them. */
import { all, any, by, conference, inToronto, kind, name, not, says, at } from "./rules.ts";

export const concert = all(inToronto, kind("Music"));
/** Heard as a concert: not a walk about music, nor a workshop on it. */
export const liveConcert = all(concert, kind("Live Performances", "Nightlife"));
export const jazz = all(
  concert,
  not(name(/benedetti|cowboy junkies|la palette/i)),
  any(
    name(/jazz|oscar peterson|red hot ramble|mehldau|kurt elling|john patitucci|shuffle demons|broadsway/i),
    all(
      kind("Live Performances"),
      says(
        /\bjazz (band|music|night|trio|quartet|ensemble|pianist|singer|vocalist|standards|musician|artist|guitar|group|combo|orchestra)|\bjazz\b.{0,40}\b(funk|fusion|swing|blues)|\b(swing|latin|gypsy|balkan|modern|ethno|afro)[- ]jazz/i,
      ),
    ),
  ),
);
export const jazzInName = all(concert, name(/jazz/i));
export const classical = all(
  concert,
  any(
    at(/koerner hall|mazzoleni|temerty theatre|walter hall|jane mallett|george weston|roy thomson/i),
    says(
      /chamber (music|ensemble|orchestra)|string quartet|symphon|baroque|sonata|concerto|beethoven|mozart|brahms|bach\b|handel|vivaldi|chopin|tchaikovsky/i,
    ),
  ),
  not(says(/\bjazz|folk-rock|pop star|indie|bluegrass|beatlemania|r&b/i)),
);
export const piano = all(
  concert,
  any(
    name(
      /piano|pianist|chopin|george li\b|tony yike yang|yefim bronfman|hamelin|louis lortie|david jalbert|rizikov|gabriela montero|víkingur|seong-jin|siqi yun|mehldau/i,
    ),
  ),
);
export const choir = all(concert, says(/\bchoirs?\b|chorus|choral|chanticleer|voces8|vocal ensemble/i));
export const choirInName = all(
  concert,
  name(/choir|chorus|chanticleer|voces8|vocal ensemble|orpheus|sing 'n' ring|vox clamantis|messiah|vocal arts/i),
);
export const quartet = all(concert, name(/quartet/i));
export const stringQuartet = all(quartet, name(/danish string|leonkoro|penderecki/i));

export const comedy = all(inToronto, kind("Comedy"));
export const standUp = all(comedy, says(/stand[- ]?up|comedians?\b|roast/i));
export const improv = all(comedy, says(/improv/i));
export const theatre = all(inToronto, any(kind("Theatre"), name(/very old man with enormous wings/i)));
export const dance = all(inToronto, any(kind("Dance"), all(name(/\bdanc(e|ing)\b/i), kind("Live Performances"))));
export const film = all(inToronto, any(kind("Film"), name(/\bfilm|cinema|documentary|screening/i)));
export const filmFestival = all(
  film,
  name(
    /film (and media arts )?festival|film showcase|shorts? festival|minute madness|blood in the snow|cinema kabuki|suspense festival|film festival|vector festival/i,
  ),
);
export const outdoorFilm = all(film, any(name(/outdoor picture show|movies in the park|after hours/i)));

export const exhibition = all(
  inToronto,
  kind("Arts/Exhibits"),
  any(
    name(/exhibit|gallery|show\b|installation|museum|art\b/i),
    says(/\b(exhibit|exhibition|on view|on display|installation|solo show|group show)\b/i),
  ),
  not(kind("Seminars/Workshops", "Music", "Tour")),
);
export const photography = all(
  inToronto,
  kind("Arts/Exhibits"),
  any(
    name(/photo|pinhole|contact\b|lens\b|shutter|carucci|image centre|portraits/i),
    says(
      /photographers?\b.{0,60}(exhibit|series|works?|images)|photograph(y|ic) (exhibit|series|show|festival)|exhibition of (\w+ )?photograph/i,
    ),
  ),
  not(kind("Seminars/Workshops")),
);
export const museum = all(inToronto, kind("Museum"));

export const children = all(inToronto, any(kind("Family/Children"), name(/\bkids\b|children|family|families/i)));
export const workshop = all(inToronto, any(kind("Seminars/Workshops"), name(/workshop|class\b|classes|masterclass/i)));
export const paintClass = all(workshop, name(/paint|art (wellness|therapy)|textured art|resin|drawing|mixed media|art fusion/i));
export const paintNight = all(inToronto, name(/paint(ing)? (night|workshop|pouring)|painting/i), any(workshop, at(/artbox/i)));
export const cookingClass = all(
  inToronto,
  any(
    all(at(/le dolci/i), kind("Food/Culinary")),
    name(
      /(pasta|cooking|dumpling|chocolate|gingerbread|baking|cake|cookie|pastry).{0,30}(class|workshop|camp|decorating|masterclass)|baking/i,
    ),
  ),
);
export const candles = all(inToronto, name(/candle/i), any(workshop, at(/artbox/i)));
export const clay = all(inToronto, name(/clay|ceramic|pottery/i));

export const farmersMarket = all(
  inToronto,
  any(kind("Farmers Market", "Farmers' Market"), name(/farmers?'?s? market|famers|food market|fresh (produce )?market/i)),
  not(name(/artisan|vintage|craft|walking tour|startup|gingerbread|little india/i)),
);
export const trueFarmersMarket = all(inToronto, name(/far?mers?['’]?s?['’]? market|famers' market/i), not(name(/little india|evening/i)));
export const artisanMarket = all(
  inToronto,
  any(kind("Artisan"), kind("Arts/Exhibits"), kind("Celebrations"), kind("Street Festival"), kind("Consumer Show/Convention")),
  name(/market|craft|\bfair\b|flea|bazaar|art sale|one of a kind|gift sale|pop-up$/i),
  not(name(/famers|farmers|workshop|market street|beer|fun fair|pet fair|career|plant fair/i)),
);
export const market = all(
  inToronto,
  name(/market\b|\bflea\b|bazaar|garage sale|yard sale|sidewalk sale|sip 'n' shop/i),
  not(name(/market street|music series|montgomery's inn: |eu market|market is/i)),
);
export const christmasMarket = all(
  inToronto,
  name(
    /(christmas|holiday|winter|festive|creepmas|gran').{0,30}(market|fair|pop-up|bazaar|sale\b|shop|village|show and sale)|(market|fair).{0,40}(holiday|christmas|winter)|one of a kind christmas|holly berry fair|tis the szn|washi artists' sale|holiday ecomarket|distillery winter village|gingerbread lane|ecomarket/i,
  ),
);
export const christmas = all(
  inToronto,
  any(name(/christmas|santa|x-mas|xmas|merry|'tis the season|carol|nativity|messiah|rudolph|holi-gays|yule/i)),
);
export const christmasConcert = all(
  concert,
  any(
    name(
      /christmas|carol|holiday|messiah|merry|advent|seasonal|winter (concert|song|celebration|'s moon)|festive|harmonies|songs of the season|wonderful time/i,
    ),
  ),
);
export const streetFestival = all(inToronto, kind("Street Festival"));

export const pride = all(inToronto, any(kind("LGBTQ2S+", "2SLGBTQ+"), name(/pride|queer|gay\b|gaysian|dyke night/i)));
export const drag = all(
  inToronto,
  any(name(/\bdrag\b|burlesque|cabaret/i), all(pride, says(/\bdrag (queen|show|king|performer|artist|brunch)/i))),
);
export const dragBrunch = all(inToronto, name(/drag brunch/i));

/** Those of the libraries' trees say that they walk in their descriptions only. */
export const walkingTour = all(
  inToronto,
  any(kind("Walking", "Run/Walk"), name(/walking tour|historical tour|\bwalks?\b|trees around the branch|tree tour/i)),
  any(kind("Tour", "History"), name(/tour|\bwalk|trees around/i)),
  not(any(kind("Charity/Cause", "Street Festival"), name(/bach/i))),
);
export const historyWalk = all(walkingTour, any(kind("History"), name(/histor/i)));
export const ghostWalk = all(inToronto, name(/haunted|ghost tour|ghosts of|alone in the dark|spectres|marche hantée/i));
export const natureWalk = all(inToronto, kind("Environmental"), name(/walk|hike|tour|birding|stroll/i));
export const birds = all(
  inToronto,
  name(/bird(?!land)|waterfowl|migration|queer wings|eggsquisite/i),
  kind("Environmental", "Tour", "Run/Walk", "Walking", "Talks"),
  not(name(/walking tour/i)),
);
export const treePlanting = all(inToronto, name(/tree planting/i));
export const treeTour = all(inToronto, name(/trees around|tree tour|tree identification/i));
export const poetry = all(inToronto, any(name(/poetry|poems?\b/i), all(kind("Literary"), says(/\bpoet(s|ry)?\b/i))));
export const literary = all(inToronto, kind("Literary"));
export const trivia = all(inToronto, any(name(/trivia|quiz/i)));
export const magicShow = all(inToronto, name(/magician|wizard with|penn and teller|wonderphil/i));
export const food = all(inToronto, kind("Food/Culinary"));
export const foodFestival = all(
  inToronto,
  not(workshop),
  name(
    /food.{0,20}(festival|fest|fiesta)|taste of (?!the legacy|hong kong|downtown)|jerkfest|halal bites|winterlicious|(wine|beer|chocolate).{0,20}(fest|festival|show)|night market|sip and snack|grilled cheese|food tour|\beats/i,
  ),
);
export const run = all(
  inToronto,
  name(/\b(5|10)k\b|\brun\b|run-off|walk to (make|end)|stroll together|walk uhnited|partnership walk|ride to conquer/i),
);

/** Conferences by subject: their keywords, and names that say it. */
export const devops = all(conference, any(kind("devops", "sre"), name(/devops|kube|docker|cloud native/i)));
export const javascript = all(
  conference,
  any(kind("javascript", "typescript"), name(/javascript|typescript|\bjs|react|angular|\bvue|node/i)),
);
export const python = all(conference, any(kind("python"), name(/python|\bpy(con|data)|django/i)));
export const ruby = all(conference, any(kind("ruby"), name(/ruby|rails/i)));
export const security = all(conference, any(kind("security"), name(/security|bsides|b-sides|owasp|black ?hat/i)));
/** About security and little else. */
export const securityProper = all(
  security,
  any(name(/secur|hack|bsides|b-sides|owasp|black ?hat|confidence/i), ({ keywords }) => keywords.length === 2),
);
export const design = all(conference, any(kind("ux"), name(/\bux\b|design|usability/i)));
export const machineLearning = all(
  conference,
  name(/\bai\b|a\.i\.|artificial intelligence|machine learning|\bml\b|deep learning|neural|genai|\bllm/i),
);
export const testing = all(conference, any(kind("testing"), name(/\btest|\bqa\b|quality/i)));
export const testingProper = all(
  testing,
  any(name(/test|\bqa\b|quality/i), ({ keywords }) => keywords.length === 2),
);
export const kubernetes = all(conference, name(/kube|k8s|cloud ?native/i));
export const frontend = all(conference, any(kind("css", "javascript"), name(/front-?end|css/i)));
export const mobile = all(conference, any(kind("ios", "android"), name(/mobile|swift|droid/i)));
export const artbox = any(at(/artbox/i), by(/artbox/i));
