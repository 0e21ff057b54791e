"""The notebooks as an application: Voilà with our template, our gallery and nothing a viewer has no business with.

`app` starts the server, `gallery` reads what the notebooks say of themselves, `hooks` prepares a notebook before it
runs, `handlers` answers requests, `viewer` is the part that runs inside a viewer's kernel, `lab` starts JupyterLab.
Importing this package imports none of them: a kernel that only needs `viewer` does not load a web server.
"""
