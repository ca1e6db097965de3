"""The dashboard: `streamlit run app.py -- [PATH…] [--plan ID]`; without a path it shows the samples."""

from analyzer.dashboard.main import show_dashboard

show_dashboard()
