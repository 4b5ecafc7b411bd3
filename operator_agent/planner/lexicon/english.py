"""English."""

WORDS = {
    "filler": """
        please; let's; lets; your; yours; pls; plz; pleas; plse; hav; cn; u; gonna; gona; thanks; thank you
        thankyou; thx; ta; cheers
        thanks a lot; thanks so much; thank you so much; thank you very much; many thanks; thanks in advance; kindly
        hi; hello; hey; hey there; hi there; hello there; yo; greetings; hiya; howdy; g'day; gday; what's up; whats up; sup; bonjour
        hola; hey computer; ok computer; computer; dear sir or madam; dear sir; dear madam; dear all; good morning
        good afternoon; good evening
        good day; morning; evening; afternoon; mate; buddy; bro; dude; pal; sir; madam; ma'am; young man
        young lady; my good man; my dear; darling; sweetheart; folks; um; uh; umm; uhh; uhm; er
        erm; hmm; hm; ah; oh; eh; well; so; okay; ok; alright; all right; right; yeah; yes; yep; sure; now then
        you know; let me see; let's see; let me think; i think; i guess; i suppose; maybe; perhaps; basically; just
        simply; quickly; real quick; really; kind of; sort of; like; today; please and thank you; with pleasure; i
        i'd; id; i'll; ill; i'm; im; i am; we; we'd; we'll; you; me; us; my; our; it; it's; its; that; that's; thats
        it is; it will be; it'll be
        this; this is; these; those; the; there; can; could; would; will; may; might; shall; should; want; wants
        wanna; want to; would like; would like to; wanting; like to; love; love to; would love; get; getting; have; having
        take; taking; grab; need; needs; needing; give; gimme; give me; bring; bring me; get me; let; let me; let us
        lemme; make; make me; fix me; fetch; fetch me; hook me up; hook me up with; set me up with; sort me out with
        i'm after; we're after; i'm looking for; i am looking for; looking for; i'm craving; i fancy; fancy; craving
        in the mood for; i'm in the mood for; dying for; could use; could do with; could murder; do me; i'll do
        i will do; let's do; let's go with; lets do; i'll go with; go with; go for; i'll go for; can i do; could i do
        could we do; can we do; is it possible to; would it be possible to; possible to; is there any chance of
        any chance of; any chance i could; mind getting; would you mind; do you mind; do you think i could
        do you think you could; i was wondering if; i was wondering; wondering if; i was hoping for; i was hoping to
        hoping for; how about; what about; may i; might i; be so kind; be so kind as to; be a dear and; go ahead and
        if you can; if you could; if possible; if you please; if you don't mind; if that's okay; if that's ok
        if it's not too much trouble; if it isn't too much trouble; if it's not too much bother; if it's no trouble
        if it's no bother; trouble you for; bother you for; s'il vous plait; por favor; bitte; lah
        if it's possible; when you can; when you get a chance; when you have a moment; when you have a minute
        when you're ready; to; of; on; up; be; for now; for today; for starters; to start; to begin with; in total
        total; altogether; all in all; only; exactly; in all; that's all; that is all; that's it; that is it
        that'll be all; that will be all; that would be all; nothing else; nothing more; no thanks; that'd be great
        that would be great; that'd be lovely; that would be lovely; would be great; would be lovely; would be nice
        great; lovely; perfect; awesome; brilliant; wonderful; fantastic; amazing; nice; i appreciate it
        appreciate it; much appreciated; appreciated; no problem; no worries; no rush; no hurry; bye; see you
        see you then; see you soon; see you there; have a nice day; have a good one; as well; too; in there; to drink
        for myself; some kind of; one moment; excuse me; pardon me; pardon; beg your pardon; me please; my order
        make mine; mine; if you have it; if you have any; if you have some; if you've got it; if you've got any
        if you got it; if there is any; i'll try; let me try; try; an order of; an order for; order of; go; along
        myself; ourselves; here's my order; here is my order; put me down for; put me down; sign me up for; ring me up
        ring up; i'd say; let's say; say; then please; for pleasure
    """,
    "more": "another; another one; one more; yet another",
    "article": "a; an; a single; a cup of; a mug of",
    "vague": """
        some; a few; several; few; many; lots of; a lot of; loads of; plenty of; a bunch of; multiple; any
        a number of; more; most; enough
    """,
    "and": """
        and; plus; also; then; and then; and also; as well as; along with; together with; followed by; &; +; n
        on top of that; add; and add; in addition; besides; and plus
    """,
    "comma": ",; .; !; ?; :; (; ); [; ]; …; –; —; -; ~; ·; •; _; ...; but; just with; only with",
    "or": "/; |; or; or maybe; or perhaps; either; versus; vs; alternatively; or else",
    "with": "with; w/; w; using; made with; made of; in a; as a; with a; with some; containing; on; in size; size; sized",
    "not": """
        not; no; without; w/o; don't; dont; do not; never; minus; except; hold the; none; nothing; neither; nor
        rather than; instead of; leave out; skip; skip the; without any; not any; no more; but not; and not; isn't
        not with; definitely not; anything but; isnt; cannot; can't; cant; don't want; do not want; don't get; won't
        wouldn't
    """,
    "fix": """
        no wait; wait no; no no; oh no; oh wait; no sorry; sorry no; no actually; actually no; actually wait
        wait actually; scratch that; scratch it; strike that; correction; i mean; i meant; i mean to say; make that
        make it; change that to; change it to; or rather; or no; oops; whoops; on second thought; on second thoughts
        no make that; no make it; actually make that; actually make it; sorry make that; sorry make it; sorry i mean
        sorry i meant; no i mean; no i meant; hang on; hold on; hang on no; hold on no; wait; no wait make that
        no wait make it; wait make that; wait make it; no hang on; no hold on; uh no; um no; er no
        let me change that to; i take that back; forget that; never mind; nevermind; let me rephrase; rather
        no not that; switch that to; no wait actually; wait sorry; sorry wait; make those; make them; change those to
        change them to; swap that for; nope; no wait i mean; no let's say; no i'd like; no i want; no i'll have
        or actually; or wait; well actually; my bad; my mistake; instead; actually make those; no make those
        no actually make that; no actually make it; actually no make that; actually no make it; wait no make that
        wait no make it; actually can you make that
    """,
    "maybe_fix": "actually; sorry",
    "all": """
        all; all of them; each; each of them; every one; everyone of them; all of those; all of these
        every one of them; all with; them all; everything
    """,
    "both": "both; both of them; both of those; both of these; the two of them; them both",
    "rest": "the other; the other one; the others; the rest; the other ones; other; the rest of them",
    "pronoun": "ones; of them; of those; of these; of the same; of it; of that",
    "times": "x; ×; times; *",
    "nobody": """
        me; us; myself; the two of us; the three of us; the four of us; both of us; us both; two of us; him; her; them
        you; everyone; everybody; someone; somebody; anyone; two people; a friend; a friend of mine; a colleague
        my friend; my friends; my mate; my mum; my mom; my mother; my dad; my father; my wife; my husband; my partner
        my girlfriend; my boyfriend; my sister; my brother; my son; my daughter; my kid; my kids; my boss; my manager
        my colleague; my colleagues; my coworker; my coworkers; my team; my family; my guest; my guests; my buddy
        my neighbour; my neighbor; my grandma; my grandpa; my roommate; my flatmate; my client; my fiance
        my better half; the team; the boss; the office; the family; the kids; the lady; the gentleman; the guys
        the missus; the wife; our team; our guests; our office; the meeting; our meeting; my meeting; a meeting
        the whole team; my other half; his; hers; my best friend; a mate; my aunt; my uncle; our guest; the road
    """,
    "particle": """
        van; von; de; der; den; da; di; del; bin; ibn; al; el; la; le; st; o; mac; mc; mr; mrs; ms; dr; mr.; mrs.; ms.
        dr.; st.; prof; miss
    """,
    "function": "for; at; by; in; to; under; with; of; from; on",
    "goods": """
        cold; colder; hot; hotter; warm; cool; cooler; extra; less; least; lots; half; double; triple; quad; single
        strong; stronger; weak; weaker; black; white; brown; blue; red; yellow; pink; dark; decaf; decaffeinated
        caffeine; regularly; sugar; sugars; sweet; sweetener; stevia; honey; syrup; vanilla; caramel; hazelnut
        cinnamon; nutmeg; pumpkin; spice; spiced; peppermint; mint; maple; toffee; coconut; macadamia; cashew; hemp
        pea; lactose; free; cream; creamy; whipped; foam; foamy; froth; frothy; dry; wet; topping; toppings; sprinkles
        marshmallow; marshmallows; cocoa; powder; matcha; cortado; ristretto; lungo; affogato; breve; doppio; frappe
        frappes; frappuccino; frappuccinos; freddo; freddos; cold brew; nitro; brew; filter; drip; pour; press
        turkish; irish; vienna; viennese; cuban; mazagran; galao; piccolo; babyccino; bulletproof; tea; teas; earl
        grey; gray; black tea; herbal; chamomile; oolong; rooibos; jasmine; juice; orange; apple; lemon; lemonade
        lime; water; sparkling; still; soda; coke; cola; pepsi; sprite; beer; wine; milkshake; shake; smoothie
        kombucha; cocktail; vodka; rum; whisky; gin; muffin; muffins; croissant; croissants; cake; cakes; cookie
        cookies; bagel; bagels; donut; donuts; doughnut; sandwich; sandwiches; brownie; brownies; scone; scones; toast
        pizza; burger; fries; salad; soup; pasta; sushi; bread; butter; jam; egg; eggs; bacon; cheese; ham; banana
        fruit; snack; pastry; straw; lid; napkin; napkins; spoon; tray; bag; sleeve; glass; mug; bottle; bottles; can
        pot; jug; bowl; plate; ceramic; paper; reusable; oat; oats; steamed; shaken; blended; roast; goat; goats
        macha; mango; mochi; mousse; chow; skinny; semi; half-fat; condensed; evaporated; rice
    """,
    "spelt_right": """
        with that; with it; with this; with those; with these; the same; same again; like that; like before
        like last time; the usual; as usual; as always; shot; shots; mall; tall; ball; call; late; later; latter; lake
        lame; lane; matter; matte; mate; mates; boat; coat; boy; joy; toy; sole; solo; sold; whale; while; hole; holy
        role; pole; barge; charge; change; median; smell; spell; shall; stall; greek; greet; queen; team; teal; flag
        flap; write; quite; there; their; tree; trees; then; than; ate; fight; right; light; night; sight; weight
        height; far; fur; fire; fine; line; nice; price; ice; iced; slice; cancel; stop; delete; remove; undo; return
        refund; pay; paid; cash; card; cost; costs; cheap; cheapest; best; worst; menu; open; close; click; press
        type; scroll; search; find; show; tell; list; read; check; track; status; where; what; when; why; who; how
        which; whose; is; are; was; were; do; does; did; done; has; had; been; being; if; because; unless; until
        before; after; again; same; usual; favourite; favorite; last; next; first; second; third; previous; tomorrow
        yesterday; tonight; week; weekend; month; year; day; days; hour; hours; minute; minutes; seconds; moment; soon
        never; always; often; monday; tuesday; wednesday; thursday; friday; saturday; sunday; january; february
        december; lunch; breakfast; brunch; dinner; dessert; supper; work; home; house; table; desk; room; street
        road; delivery; deliver; deliveries; shipping; address; express; expressed; store; shop; cafe; bar; counter
        window; drive; send; email; message; phone; number; name; names; here; everyone; money; tip; discount; coupon
        voucher; points; reward; euro; euros; dollar; dollars; pound; pounds; cents; gram; grams; ounce; ounces; litre
        liter; ml; oz; kilo; bit; little bit; touch; dash; splash; pinch; drop; drops; pump; pumps; side; top; bottom
        inside; outside; special; seasonal; organic; local; fresh; fair; trade; vegan; vegetarian; gluten; dairy-free
        allergy; allergic; nuts; nut; protein; skinny; lite; heavy; thick; thin; rich; older; elder; border; reorder
        ordered; orders; ordering; holder; folder; bought; buying; gotten; made; making; places; placed; placing
        please; pleased; coffin; toffees; ship; shipped; large-ish; larger; smaller; bigger; huge; giant; tiny; mini
        jumbo; massive; enormous; gigantic; largely; barely; early; nearly; exact; fully; fuel; duel; full; fill; pull
        dull; hello; plain; plan; plant; plants; plenty; train; brain; grain; grains; hear; heard; near; tear; wear
        years; bear; dear; urgent; rush; hurry; fast; slow; ready; student; staff; guest; gift; present; birthday
        party; event; group; people; person; persons; child; children; baby; adult; dog; cat; steamed; shaken; stirred
        blended; roast; roasted; blonde; blond; medium-rare; fever; ever; every; even; seen; seem; seed; need; feed
        tent; tens; sent; went; want; wont; font; front; most; must; mist; moist; macha; mango; maths; much; such
        steal; stale; state; latest; lately; platter; latex; lattice; butter; flatter; flat; chat; chart; chair; chain
        china; hai; char; chow; mocked; mochi; moose; mousse; movie; motor; model; something; anything; whatever
        surprise; somewhat; skin
    """,
}

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000}
AMOUNTS = {
    "a couple": 2, "a couple of": 2, "couple of": 2, "couple": 2, "a pair of": 2, "pair of": 2,
    "a dozen": 12, "half a dozen": 6, "a half dozen": 6,
    "half dozen": 6, "a hundred": 100, "a thousand": 1000, "a trio of": 3,
    **{f"{word} more": number for word, number in UNITS.items() if number > 1},
    **{f"{number} more": number for number in range(2, 21)},
}  # fmt: skip

CLOCK: dict[str, str | dict[str, int]] = {
    "cue": "at; by; around; about; at around; at about; @",
    "weak_cue": "for; for around; for about",
    "am": "am; a.m.; a.m; a m; in the morning; this morning",
    "pm": """
        pm; p.m.; p.m; p m; in the afternoon; this afternoon; in the evening; this evening; tonight; at night
    """,
    "hour_mark": "o'clock; oclock; o clock; sharp",
    "part": {
        "half": 30, "quarter": 15, "a quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty five": 25,
        "twenty-five": 25, "5": 5, "10": 10, "15": 15, "20": 20, "25": 25,
    },
    "part_mark": "minutes; mins; min",
    "past": "past; after; gone",
    "to": "to; before; till; til; of",
    "half_past": {"half": 30},
    "named": {
        "noon": 720, "midday": 720, "12 noon": 720, "twelve noon": 720, "midnight": 0, "lunchtime": 720,
        "at lunch time": 720,
    },
    "soon": """
        as soon as possible; asap; a.s.a.p.; right away; right now; immediately; straight away; now
        as soon as you can; as fast as possible; as quickly as possible; as fast as you can; whenever it's ready
        whenever it is ready; whenever; whenever ready; when it's ready; when it is ready; when they're ready
        when ready
    """,
    "in": "in; in about; in around; within; about; in like",
    "minute": {
        "minutes": 1, "minute": 1, "mins": 1, "min": 1, "hours": 60, "hour": 60, "hrs": 60, "hr": 60, "h": 60,
    },
    "span": {
        "half an hour": 30, "a half hour": 30, "half hour": 30, "a quarter of an hour": 15,
        "quarter of an hour": 15, "an hour": 60, "a minute": 1, "three quarters of an hour": 45,
        "an hour and a half": 90, "one and a half hours": 90, "an hour and a quarter": 75,
        "a couple of hours": 120,
    },
    "later": "from now; time; later; minutes'",
    "tail": "today",
}  # fmt: skip
