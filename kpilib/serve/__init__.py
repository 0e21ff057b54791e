"""The notebooks as an application: pages answered by a few workers, and Voilà for notebooks that need a kernel each.

In the server: `app` starts it, `site` knows what it shows, `handlers` and `asks` put that on the network, `pool` shares
the workers, `works` starts and ends processes, paints pages and watches for changes. In a worker: `worker` answers,
`document` and `shell` run a notebook, `outputs` makes its outputs safe. `viewer` runs inside a visitor's kernel, `lab`
starts JupyterLab. Importing this package imports none of them, and the server never imports pandas.
"""
