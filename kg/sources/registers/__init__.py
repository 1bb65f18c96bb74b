"""Registers and files of others (GLEIF, OCDS, CycloneDX, STIX) become tables of our own intake.

    opening   a file: its SHA-256, its bytes within bounds, zipped or not
    records   rows of CSV and objects of JSON, one at a time, each with its place
    known     what the data at hand have already: organisations, countries, sectors
    model     what an import gives (``Imported``) and how its rows are collected (``Tables``)
    importer  what every format has at hand while it reads, and how its outcome is told
    writing   the folder with tables that ``kg build`` reads, whole or not at all

One module per format reads it. Nothing is fetched, and nothing goes into a release from here.
"""
