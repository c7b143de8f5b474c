"""The NHS.UK design system: layout, components, forms, charts and htmx fragments."""
