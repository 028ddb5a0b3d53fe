# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx on what antsibull-docs makes of the collection: `make docs`."""

from docutils import nodes

project = "nasops.nas"
copyright = "The nasops.nas authors"  # noqa: A001 - Sphinx calls it so
title = "nasops.nas"
html_short_title = "nasops.nas"
extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "documentation_home_url": "https://nasops.github.io/nasops.nas/",
    "vcs_pageview_mode": "edit",
    "topbar_links": {},
}
html_static_path = ["static"]
html_css_files = ["narrow.css"]
html_show_sphinx = False
html_use_smartypants = True
html_use_modindex = False
html_use_index = False
html_copy_source = False
display_version = False
default_role = "any"

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
PLACES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


def elsewhere(app, env, node, contnode):
    """The link to a place in Ansible's own documentation, which is built elsewhere; others are warnings."""
    target = node["reftarget"]
    place = PLACES.get(target)
    if target.startswith("ansible_collections.ansible.builtin.") and target.endswith("_module"):
        place = f"collections/ansible/builtin/{target.rpartition('.')[2]}.html"
    return place and nodes.reference("", "", contnode, refuri=f"{ANSIBLE}/{place}", internal=False)


def setup(app):
    """Have Sphinx ask for what it does not find."""
    app.connect("missing-reference", elsewhere)
