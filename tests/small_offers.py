"""A small release and offers for it, as tables."""

from collections.abc import Mapping
from pathlib import Path

#   China ── moeder ──60%── maker (Duitsland) ── besturing ──10 d, 20 d──> rijden ──4 h──> laden
#   Turkije ── haven ── olie ──onbekend──> verwarmen
#   Nederland ── hollands (levert nog niets)
TABLES = {
    "Source": """id,title,publisher,date,url,grade,marking
s1,Oefenboek (fictief),Redactie (fictief),2026-01-15,,B,openbaar
""",
    "Organisation": """id,label,label@en,seat,source
moeder,Moeder (fictief),Parent (fictional),CN,s1
maker,Maker (fictief),Maker (fictional),DE,s1
haven,Haven (fictief),Port (fictional),TR,s1
hollands,Hollands (fictief),Dutch (fictional),NL,s1
""",
    "Ownership": """id,label,owner,owned,share,validFrom,source
eig,Moeder houdt Maker (fictief),moeder,maker,0.6,2020-01-01,s1
""",
    "Product": """id,label,label@en,productKind,source
kast,Kast (fictief),Cabinet (fictional),material,s1
stookolie,Stookolie (fictief),Fuel oil (fictional),energyProduct,s1
""",
    "Supply": """id,label,label@en,inSector,suppliedBy,ofProduct,source
besturing,Besturing (fictief),Controls (fictional),spoor,maker,kast,s1
olie,Olie (fictief),Oil (fictional),energie,haven,stookolie,s1
""",
    "VitalProcess": """id,label,label@en,inSector,restartLag,source
rijden,Rijden (fictief),Running (fictional),spoor,PT4H,s1
laden,Laden (fictief),Loading (fictional),spoor,PT1H,s1
verwarmen,Verwarmen (fictief),Heating (fictional),energie,PT1H,s1
""",
    "Requirement": """id,label,requiredBy,fulfilledBy,buffer,effect,substitutionTime,source
r1,Besturing voor rijden (fictief),rijden,besturing,P10D,fails,P20D,s1
r2,Rijden voor laden (fictief),laden,rijden,PT4H,fails,,s1
r3,Olie voor verwarmen (fictief),verwarmen,olie,,fails,,s1
""",
}
SOURCE = """id,title,publisher,date,url,grade,marking
b,Inschrijving (fictief),Inkoop (fictief),2026-02-01,,B,openbaar
"""
HOLLANDS = {
    "Source": SOURCE,
    "Supply": """id,label,label@en,inSector,suppliedBy,ofProduct,replacesSupply,source
nieuw,Nieuwe besturing (fictief),New controls (fictional),spoor,hollands,kast,besturing,b
""",
}
CHINEES = {
    "Source": SOURCE,
    "Organisation": """id,label,label@en,seat,source
handel,Handel (fictief),Trade (fictional),DE,b
""",
    "Ownership": """id,label,owner,owned,share,validFrom,source
nieuw-eig,Moeder houdt Handel (fictief),moeder,handel,0.9,2021-01-01,b
""",
    "Supply": """id,label,label@en,inSector,suppliedBy,ofProduct,replacesSupply,source
nieuw,Nieuwe olie (fictief),New oil (fictional),energie,handel,stookolie,olie,b
""",
    "Contract": """id,label,contractingParty,contractSupplier,contractSubject,contractValue,"""
    """validFrom,validUntil,source
ct,Olie tot 2030 (fictief),hollands,handel,nieuw,1250000,2026-03-01,2030-12-31,b
""",
}


def written(folder: Path, tables: Mapping[str, str]) -> Path:
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
