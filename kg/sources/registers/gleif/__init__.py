"""The LEI register of GLEIF in its golden-copy formats: who is who, and who consolidates whom.

Level 1 (``lei2``: names, seats, numbers), Level 2 (``rr``: relationships) and reporting exceptions
(``repex``), each as CSV or JSON, zipped or not; what a file is shows from its columns or its list.

What is taken over: organisations of the data at hand, recognised by LEI or else by KvK number (as
``RegisterEntry``: nothing is merged into them), and their parents, all the way up. A relationship
of consolidation is kept as ownership with control asserted, never as a share: it says that the
parent takes the accounts of the child into its own. The ultimate one is kept where the direct ones
do not lead to the same parent. Names that are the same are proposed only.

Level 1 is read once: what may be needed of it (organisations at hand, parents in Level 2) is known
before. Relationships stand in a database on disk while it runs. Memory therefore grows with the
number of different parents in Level 2 (some 100 bytes each), not with the register.
"""

from kg.sources.registers.gleif.take import GleifImport

__all__ = ["GleifImport"]
