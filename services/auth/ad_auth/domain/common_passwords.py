"""Passwords of 12 characters and more that are among the 30,000 most common, and that no rule of ours finds.

From the frequency list of zxcvbn (MIT licence, Copyright 2012-2016 Dan Wheeler and Dropbox, Inc.).
"""

_TEXT = (
    "01telemike01 123321qweewq 123qwe456rty 123qweasdzxc 12qw34er56ty 1a2s3d4f5g6h 1qa2ws3ed4rf "
    "1qa2ws3ed4rf5tg 23176djivanfros 32615948worms 41d8cd98f00b 4815162342lost 59382113kevinp "
    "89876065093rax a1s2d3f4g5h6 amadeusptfcor an83546921an13 andrewjackie antananarivu auckland2010 "
    "avrillavigne bltynbabrfwbz boy4u2ownnyc bpgjldsgjldthnf businessbabe chickenwing101 christopher1 "
    "cjdthitycndj combat123654 contortionist corperfmonsy counterstrike devilmaycry4 digitalprodu "
    "dkflbvbhjdbx dkflbvbhjdyf domainlock2005 finalfantasy fkmnthyfnbdf fktrcfylhjdbx fktrcfylhjdf "
    "fktrcfylhjdyf flvbybcnhfnjh frederiksberg fynfyfyfhbde ghbdtnrfrltkf ghhh47hj7649 ghjcnjgbpltw "
    "ghjcnjgfhjkm ghjcnjqgfhjkm ghjcnjrdfibyj ghjnbdjcnjzybt gjkysqgbpltw greenlantern gtnhjpfdjlcr "
    "hd764nw5d7e1vb1 hedimaptfcor iampurehaha2 ilovemyfamily ingodwetrust installdevic installsqlst "
    "iseedeadpeople jamesbond007 justinbieber leavemealone lhbjkjubz2957704 lost4815162342 lytghjgtnhjdcr "
    "mailcreated5240 maprchem56458 massimiliano masterbating maurolarastefy mevefalkcakk michaeljackson "
    "minecraft123 minnesota_hp momsanaladventure morganstanley mortalkombat msorcloledbr needforspeed "
    "nemvxyheqdd5oqxyxyzi networkingpe newproject2004 nhecsyfujkjdt nhfdvfnjkju123 nhfycajhvths "
    "nightcrawler nondriversig olcrackmaster ontheoutside p030710p$e4o paraklast1974 passwordstandard "
    "peanutbutter playstation2 playstation3 ptybnxtvgbjy punksnotdead q1w2e3r4t5y6 q1w2e3r4t5y6u7 "
    "q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 qawsedrftgyh qaz123wsx456 qazxswedc123 qazxswedcvfr "
    "qwaszxerdfcv qweasdzxc123 residentevil rfnthbyf1988 sanfrancisco saun24865709 schoolgirlie "
    "seemnemaailm sojdlg123aljg sonnenschein sonyericsson specialinsta stickdaddy77 stratocaster "
    "systemofadown thecakeisalie ticketmaster vanyarespekt vfvfvskfhfve vladimirovna warhammer40k "
    "wazzkaprivet websolutions websolutionssu webuivalidat weihnachtsbau weihnachtsbaum whosyourdaddy "
    "z1x2c3v4b5n6m7 zaqwsxcderfv zcfvfzkexifz zqjphsyf6ctifgu zxcasdqwe123 "
)
COMMON: frozenset[str] = frozenset(_TEXT.split())
