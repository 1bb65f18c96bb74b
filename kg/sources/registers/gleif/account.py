"""The account of an import of the golden copy: what was counted, in words."""

from typing import Final

#: What is told also when it is 0.
ALWAYS: Final = frozenset({"records", "leiMatch", "kvkMatch", "name"})
#: What each count is, in the order of the account.
ACCOUNT: Final = (
    (
        "records",
        "records in Level 1 gelezen",
        "records of Level 1 read",
    ),
    (
        "relations",
        "records in Level 2 gelezen",
        "records of Level 2 read",
    ),
    (
        "leiMatch",
        "organisaties herkend aan hun LEI",
        "organisations recognised by their LEI",
    ),
    (
        "kvkMatch",
        "organisaties herkend aan hun KvK-nummer",
        "organisations recognised by their KvK number",
    ),
    (
        "name",
        "records voorgesteld op grond van de naam",
        "records proposed by their name",
    ),
    (
        "lei-absent",
        "organisaties met een LEI die het register niet heeft",
        "organisations with an LEI that the register does not have",
    ),
    (
        "parents",
        "moeders overgenomen",
        "parents taken over",
    ),
    (
        "ownerships",
        "consolidaties overgenomen",
        "consolidations taken over",
    ),
    (
        "ultimate-follows",
        "uiteindelijke consolidaties die al uit rechtstreekse volgen",
        "ultimate consolidations that follow from direct ones",
    ),
    (
        "exceptions",
        "organisaties met een uitzondering op de opgave",
        "organisations with a reporting exception",
    ),
    (
        "inactive",
        "consolidaties die niet meer gelden",
        "consolidations no longer in force",
    ),
    (
        "other",
        "relaties van een andere soort",
        "relationships of another kind",
    ),
    (
        "itself",
        "consolidaties met zichzelf",
        "consolidations with itself",
    ),
    (
        "parent-absent",
        "consolidaties waarvan de moeder niet in Level 1 staat",
        "consolidations whose parent is not in Level 1",
    ),
)
