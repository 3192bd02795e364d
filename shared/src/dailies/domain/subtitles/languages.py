"""The small words of seven languages by what they bind to: where a person would not break a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Language:
    """Sets of lower-case words; most lean on what follows."""

    determiners: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    """Also relatives: what begins a clause."""
    auxiliaries: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    """Subjects, and in Romance languages the objects that stand before the verb."""
    negations: frozenset[str] = frozenset()
    adjectives: frozenset[str] = frozenset()
    """The most frequent of those that stand before their noun."""
    genitives: frozenset[str] = frozenset()
    """Prepositions that tie two nouns more closely than others do."""
    titles: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    """With their full stop, which ends no sentence."""
    nouns_capitalised: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = Language(
    determiners=_words(
        "a an the my your his her its our their this that these those some any no every each another such what which"
        " whose both either neither few many much several all more most other very too so quite rather as how"
    ),
    prepositions=_words(
        "about above across after against along among around at before behind below beneath beside between beyond by"
        " despite down during except for from in inside into like near of off on onto out outside over past per since"
        " through throughout to toward towards under until unto up upon via with within without than"
    ),
    conjunctions=_words(
        "and but or nor yet so because although though unless until while whereas if when whenever where wherever"
        " that which who whom whose whether after before since why how what as"
    ),
    auxiliaries=_words(
        "am is are was were be been being have has had do does did will would shall should can could may might must"
        " i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll"
        " you'll he'll she'll it'll we'll they'll that's there's what's who's let's gonna gotta wanna cannot"
    ),
    pronouns=_words("i you he she it we they there who"),
    negations=_words(
        "not never don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't"
        " couldn't shouldn't mustn't just only even"
    ),
    adjectives=_words(
        "good great big small little old new young long short high low own same single only main common first second"
        " third last next early late large important different able bad best better whole real true full free clear"
        " certain special human public political social national american british two three four five six seven"
        " eight nine ten hundred thousand million"
    ),
    genitives=_words("of"),
    titles=_words("mr mr. mrs mrs. ms ms. dr dr. prof prof. sir lady lord st. saint president captain miss uncle aunt"),
    abbreviations=_words("mr. mrs. ms. dr. prof. st. vs. etc. e.g. i.e. no. jr. sr. a.m. p.m. u.s. approx. dept."),
)
_DUTCH = Language(
    determiners=_words(
        "de het een 't 'n mijn m'n je jouw zijn z'n haar ons onze jullie hun uw deze dit die dat elke elk ieder iedere"
        " geen enkele sommige alle veel weinig meer meeste andere welke welk wat heel erg zeer te zo hoe als"
    ),
    prepositions=_words(
        "aan achter bij binnen boven buiten door gedurende in langs met na naar naast om onder op over per rond sinds"
        " tegen tijdens tot tussen uit van vanaf via volgens voor voorbij wegens zonder dan"
    ),
    conjunctions=_words(
        "en maar of want dus omdat hoewel terwijl als wanneer toen dat die wie wat waar waarom hoe zodat totdat tenzij"
        " voordat nadat doordat indien mits zoals waarbij waarin waarmee waarop waardoor"
    ),
    auxiliaries=_words(
        "ben bent is zijn was waren geweest heb hebt heeft hebben had hadden word wordt worden werd werden zal zult"
        " zullen zou zouden kan kun kunt kunnen kon konden mag mogen mocht mochten moet moeten moest moesten wil wilt"
        " willen wilde wilden ga gaat gaan ging gingen laat laten"
    ),
    pronouns=_words("ik je jij u hij zij ze het we wij jullie men er ik'm wie"),
    negations=_words("niet nooit geen alleen ook nog"),
    adjectives=_words(
        "goede grote kleine oude nieuwe jonge lange korte hoge lage eigen zelfde eerste tweede derde laatste"
        " volgende vroege late belangrijke verschillende slechte beste hele echte goed groot klein oud nieuw mooi"
        " mooie twee drie vier vijf zes zeven acht negen tien honderd duizend miljoen"
    ),
    genitives=_words("van"),
    titles=_words("meneer mevrouw dhr. mevr. mw. dr. prof. ir. mr. drs. koning koningin professor dokter"),
    abbreviations=_words("dhr. mevr. mw. dr. prof. ir. mr. drs. bijv. d.w.z. enz. o.a. nr. ca. m.b.t. t.o.v. a.u.b."),
)
_GERMAN = Language(
    determiners=_words(
        "der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine deinen"
        " deinem deiner sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere unseren unserem"
        " unserer euer eure eueren dieser diese dieses diesen diesem jener jene jeder jede jedes jeden jedem kein keine"
        " keinen keinem keiner alle allen viele vielen wenige einige einigen manche solche welcher welche welches"
        " sehr zu so wie ganz ziemlich recht andere anderen"
    ),
    prepositions=_words(
        "ab als am an ans auf aufs aus außer bei beim bis durch entlang für gegen gegenüber hinter im in ins mit nach"
        " neben ohne seit statt trotz über um unter vom von vor während wegen zum zur zu zwischen"
    ),
    conjunctions=_words(
        "und aber oder denn sondern doch weil obwohl während wenn als dass daß ob damit bevor nachdem bis seit sobald"
        " solange indem falls sodass wer was wo warum wie wohin woher wobei womit wofür der die das"
    ),
    auxiliaries=_words(
        "bin bist ist sind seid war warst waren gewesen habe hast hat haben habt hatte hatten werde wirst wird werden"
        " werdet wurde wurden worden würde würden kann kannst können konnte konnten könnte könnten muss musst müssen"
        " musste mussten müsste darf dürfen durfte soll sollen sollte sollten will willst wollen wollte wollten mag"
        " mögen mochte möchte möchten lässt lassen"
    ),
    pronouns=_words("ich du er sie es wir ihr man wer mich dich sich uns euch mir dir ihm ihn"),
    negations=_words("nicht nie niemals kein nur auch noch schon"),
    adjectives=_words(
        "gute guten großer große großen kleine kleinen alte alten neue neuen junge jungen lange langen eigene"
        " eigenen erste ersten zweite letzte letzten nächste nächsten ganze ganzen zwei drei vier fünf sechs"
        " sieben acht neun zehn hundert tausend"
    ),
    genitives=_words("von"),
    titles=_words("herr herrn frau fräulein dr. prof. professor doktor könig königin kaiser st. sankt onkel tante"),
    abbreviations=_words("dr. prof. z.b. d.h. u.a. usw. bzw. ca. nr. st. str. hr. fr. evtl. ggf. inkl. vgl. s.o."),
    nouns_capitalised=True,
)
_FRENCH = Language(
    determiners=_words(
        "le la les un une des du de d' l' mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette"
        " ces chaque quelque quelques plusieurs tout toute tous toutes aucun aucune quel quelle quels quelles très trop"
        " si plus moins aussi autre autres"
    ),
    prepositions=_words(
        "à a au aux de du des d' en dans par pour sur sous sans avec chez contre entre vers depuis pendant devant"
        " derrière avant après jusque jusqu' jusqu'à malgré parmi selon dès hors comme"
    ),
    conjunctions=_words(
        "et ou mais donc or ni car que qu' qui quand lorsque lorsqu' puisque puisqu' parce si s' comme dont où quoi"
        " afin tandis alors pourquoi comment quoique bien"
    ),
    auxiliaries=_words(
        "suis es est sommes êtes sont étais était étions étaient serai sera seront serait été ai as a avons avez ont"
        " avais avait avaient aurai aura auront aurait eu fait vais vas va allons allez vont peux peut pouvons pouvez"
        " peuvent pouvait dois doit devons devez doivent devait veux veut voulons voulez veulent faut j'ai c'est"
        " c'était n'est n'a n'ont d'être d'avoir"
    ),
    pronouns=_words(
        "je j' tu il elle on nous vous ils elles me m' te t' se s' le la les l' lui leur y en ce c' ça cela qui ne n'"
    ),
    negations=_words("ne n' pas jamais rien point"),
    adjectives=_words(
        "bon bonne bons bonnes grand grande grands grandes petit petite petits petites vieux vieille jeune jeunes"
        " nouveau nouvelle nouveaux beau bel belle beaux gros grosse long longue premier première dernier dernière"
        " prochain même mêmes deux trois quatre cinq six sept huit neuf dix cent mille autre seul seule"
    ),
    genitives=_words("de du des d'"),
    titles=_words("m. mme mlle mme. dr. docteur professeur monsieur madame mademoiselle maître saint sainte roi reine"),
    abbreviations=_words("m. mm. dr. etc. p. ex. av. apr. env. cf. no. st. ste."),
)
_SPANISH = Language(
    determiners=_words(
        "el la los las lo un una unos unas mi mis tu tus su sus nuestro nuestra nuestros nuestras vuestro vuestra este"
        " esta estos estas ese esa esos esas aquel aquella aquellos aquellas cada algún alguna algunos algunas ningún"
        " ninguna todo toda todos todas otro otra otros otras mucho mucha muchos muchas muy tan más menos qué cuál"
    ),
    prepositions=_words(
        "a al ante bajo con contra de del desde durante en entre hacia hasta mediante para por según sin sobre tras"
        " como"
    ),
    conjunctions=_words(
        "y e o u ni pero sino mas aunque porque pues que si cuando donde como mientras quien quienes cual cuales cuyo"
        " cuya entonces dónde cómo cuándo quién"
    ),
    auxiliaries=_words(
        "soy eres es somos sois son era eras éramos eran fui fue fueron será sería sido estoy estás está estamos están"
        " estaba estaban estuvo he has ha hemos habéis han había habían hay haya puedo puedes puede podemos pueden"
        " podía podría debo debe debemos deben quiero quiere queremos quieren voy vas va vamos van iba iban tengo"
        " tiene tenemos tienen tenía"
    ),
    pronouns=_words("yo tú él ella usted nosotros vosotros ellos ellas ustedes me te se nos os le les lo la los las"),
    negations=_words("no nunca jamás tampoco ya sólo solo"),
    adjectives=_words(
        "buen buena buenos buenas gran grandes mal mala nuevo nueva nuevos viejo vieja primer primero primera"
        " segundo tercer tercera último última próximo próxima mismo misma mejor peor dos tres cuatro cinco seis"
        " siete ocho nueve diez cien mil"
    ),
    genitives=_words("de del"),
    titles=_words("sr. sra. srta. dr. dra. don doña señor señora señorita doctor doctora san santa rey reina profesor"),
    abbreviations=_words("sr. sra. srta. dr. dra. d. etc. ej. p.ej. ee.uu. núm. pág. ud. uds. av. aprox."),
)
_ITALIAN = Language(
    determiners=_words(
        "il lo la i gli le l' un uno una un' mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri"
        " nostre vostro vostra loro questo questa questi queste quel quello quella quei quegli quelle ogni qualche"
        " alcuni alcune nessun nessuna tutto tutta tutti tutte altro altra altri altre molto molta molti molte più"
        " meno così che quale quali"
    ),
    prepositions=_words(
        "di d' del dello della dei degli delle dell' a al allo alla ai agli alle all' da dal dallo dalla dai dagli"
        " dalle dall' in nel nello nella nei negli nelle nell' con su sul sullo sulla sui sugli sulle sull' per"
        " tra fra senza verso contro durante dopo prima sopra sotto come"
    ),
    conjunctions=_words(
        "e ed o ma però oppure né che perché poiché se quando dove mentre anche benché sebbene affinché cui chi quindi"
        " dunque come siccome"
    ),
    auxiliaries=_words(
        "sono sei è siamo siete era eri eravamo erano fu furono sarà sarebbe stato stata stati state ho hai ha abbiamo"
        " avete hanno avevo aveva avevano avrà avrebbe posso puoi può possiamo possono poteva potrebbe devo deve"
        " dobbiamo devono voglio vuole vogliamo vogliono vado va vanno sto sta stanno stava c'è"
    ),
    pronouns=_words("io tu lui lei egli ella noi voi loro mi ti si ci vi lo la li le gli ne m' t' s' c' v'"),
    negations=_words("non mai né più solo già"),
    adjectives=_words(
        "buon buono buona bel bello bella grande grandi gran piccolo piccola nuovo nuova vecchio vecchia giovane"
        " primo prima secondo seconda terzo terza ultimo ultima prossimo prossima stesso stessa vero due tre"
        " quattro cinque sei sette otto nove dieci cento mille"
    ),
    genitives=_words("di d' del dello della dei degli delle dell'"),
    titles=_words(
        "sig. sig.ra dott. dott.ssa prof. signor signora signorina dottor dottore professore san santa don re"
    ),
    abbreviations=_words("sig. dott. prof. ecc. es. p.es. a.c. d.c. ca. n. pag. avv. ing."),
)
_PORTUGUESE = Language(
    determiners=_words(
        "o a os as um uma uns umas meu minha meus minhas teu tua teus tuas seu sua seus suas nosso nossa nossos nossas"
        " este esta estes estas esse essa esses essas aquele aquela aqueles aquelas cada algum alguma alguns algumas"
        " nenhum nenhuma todo toda todos todas outro outra outros outras muito muita muitos muitas mais menos tão qual"
    ),
    prepositions=_words(
        "a ao à aos às ante após até com contra de do da dos das desde durante em no na nos nas entre para pra pro per"
        " por pelo pela pelos pelas sem sob sobre trás num numa dum duma como"
    ),
    conjunctions=_words(
        "e ou mas porém porque pois que se quando onde como enquanto embora quem cujo cuja então logo nem portanto"
    ),
    auxiliaries=_words(
        "sou és é somos são era eras éramos eram foi fui foram será seria sido estou está estamos estão estava estavam"
        " esteve tenho tem temos têm tinha tinham hei há havia posso pode podemos podem podia poderia devo deve devemos"
        " devem quero quer queremos querem vou vai vamos vão ia iam"
    ),
    pronouns=_words("eu tu ele ela você nós vós eles elas vocês me te se nos lhe lhes o a os as"),
    negations=_words("não nunca jamais nem já só"),
    adjectives=_words(
        "bom boa bons boas grande grandes mau má novo nova novos velho velha primeiro primeira segundo segunda"
        " terceiro terceira último última próximo próxima mesmo mesma melhor pior dois duas três quatro cinco seis"
        " sete oito nove dez cem mil"
    ),
    genitives=_words("de do da dos das"),
    titles=_words("sr. sra. srta. dr. dra. dom dona senhor senhora doutor doutora são santa rei rainha professor"),
    abbreviations=_words("sr. sra. srta. dr. dra. etc. ex. p.ex. eua. núm. pág. av. aprox."),
)
_LANGUAGES = {
    "en": _ENGLISH, "nl": _DUTCH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH, "it": _ITALIAN, "pt": _PORTUGUESE,
}  # fmt: skip
_UNKNOWN = Language()


@cache
def language_of(code: str | None) -> Language:
    """The words of a language by its code (``en``, ``pt-BR``); of another none: punctuation and pauses remain."""
    return _LANGUAGES.get((code or "").lower().replace("_", "-").split("-")[0], _UNKNOWN)
