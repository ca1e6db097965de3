"""The dashboard: one report, seen, questioned and searched in the browser.

    main         arguments, navigation, sidebar
    serve        the command line: checks, then starts Streamlit
    state        the report of this session
    caches       what all sessions share: analyses by content and plan, what is derived from reports
    stored       the workspace that is served, in one state of it
    own          what a session adds, and putting it into the workspace
    uploads      pasted texts and uploaded files to documents
    drafting     the draft of a plan, on the Add page
    filters      what is left out of view, and the report that remains
    rows         numbers for tables and charts; no Streamlit
    charts       Vega-Lite charts of those numbers
    markup       pieces of HTML; style.py has their style
    listing      lists of statements with a way into their document
    downloads    what is shown as CSV, the report as HTML and JSON
    overview, documents, targets, speakers, finding, adding: the pages

Texts of documents, plans and file names never enter Markdown, which would follow their links and images: they are shown
as HTML made by export/markup.py, where everything that is not markup of ours is escaped.
"""
