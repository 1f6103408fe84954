"""Bodies of calendar sources, of our own making, with the peculiarities of the real ones: what the
files in tests/golden/calendar are written from (`python3 calendar_pages.py DIR` writes them), and
what the servers of tests give out. Dates are reckoned or made up; nothing is copied."""

import datetime
import json
import sys

DAY = datetime.timedelta(days=1)
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December"]
FILLER = "<!-- " + "a page has more around its rows than in them " * 40 + "-->\n"


def nth_weekday(year, month, weekday, n):
    day = datetime.date(year, month, 1)
    day += DAY * ((weekday - day.weekday()) % 7)
    return day + 7 * (n - 1) * DAY


# ---- the FOMC's page


def new_row(month, date, shaded=False, stray=True):
    shade = "fomc-meeting--shaded " if shaded else ""
    quote = ' "' if stray else ""
    return (f'<div class="{shade}row fomc-meeting"{quote}>\n'
            f'  <div class="{shade}fomc-meeting__month col-xs-5"><strong>{month}</strong></div>\n'
            f'  <div class="fomc-meeting__date col-xs-4 col-lg-1">{date}</div>\n'
            f'  <div class="col-xs-12"><strong>Statement:</strong><br>\n'
            f'    <a href="/a.pdf">PDF</a> | <a href="/a.htm">HTML</a></div>\n'
            f'  <div class="fomc-meeting__minutes">(Released May 21, 2020)</div>\n</div>\n')


def new_panel(year, rows):
    text = (f'<div class="panel panel-default"><div class="panel-heading"><h4><a id="4{year}">'
            f'{year} FOMC Meetings</a></h4></div>\n')
    for number, (month, date) in enumerate(rows):
        text += new_row(month, date, shaded=number % 2 == 1, stray=year != 2023)
    return text + '<div class="panel-footer">* Meeting with projections.</div></div>\n'


FOMC_2020 = [("January", "28-29"), ("March", "2 (unscheduled)"), ("March", "15 (unscheduled)"),
             ("March", "17-18* (cancelled)"), ("March", "23 (notation vote)"),
             ("April", "28-29"), ("June", "9-10*"), ("July", "28-29"),
             ("August", "27 (notation vote)"), ("September", "15-16*"),
             ("November", "4-5"), ("December", "15-16*")]
FOMC_2021 = [("January", "26-27"), ("March", "16-17*"), ("April", "27-28"), ("June", "15-16*"),
             ("July", "27-28"), ("September", "21-22*"), ("November", "2-3"),
             ("December", "14-15*")]
FOMC_2022 = [("Jan/Feb", "31-2"), ("March", "15-16*"), ("May", "3-4&nbsp;"), ("June", "14-15*"),
             ("July", "26-27"), ("August", "22 (notation vote)"), ("September", "20-21*"),
             ("November", "1-2"), ("December", "13&ndash;14*")]
FOMC_2023 = [("Jan/Feb", "31-1"), ("March", "21-22*"), ("May", "2-3"), ("June", "13-14*"),
             ("July", "25-26"), ("September", "19-20*"), ("Oct/Nov", "31-1"),
             ("December", "12-13*")]


def fomc_page(panels):
    text = ('\ufeff<!doctype html>\n<html lang="en"><head><title>Meeting calendars</title>\n'
            '<script>var row = "<div class=\'fomc-meeting__month\'>June</div>";</script></head>\n'
            '<body><div class="panel-heading"><h5>FOMC Search</h5></div>\n' + FILLER)
    for year, rows in panels:
        text += new_panel(year, rows)
    return (text + '<div class="lastUpdate" id="lastUpdate">Last Update:\n    April 08, 2022\n'
            '</div></body>\n</html>\n')


def fomc_new():
    # The years are in no order, and the one to come is last.
    return fomc_page([(2022, FOMC_2022), (2021, FOMC_2021), (2020, FOMC_2020), (2023, FOMC_2023)])


def old_table(year, rows):
    text = ('<table id="fomcCurrentCal" class="c">'
            f'<tr><th colspan="5">{year} FOMC Meetings</th></tr>\n')
    for month, date, style in rows:
        text += (f'<tr><td class="month"{style}>{month}</td><td class="day">{date}</td>'
                 '<td class="statement2"><a href="/s.htm">Statement</a></td></tr>\n')
    return text + "</table>\n"


def fomc_old():
    plain = ""
    hidden = ' style="color:#FFFFFF"'
    y2012 = [("January", "24-25*", plain), ("March", "13&nbsp;", plain),
             ("April", " 24-25* ", plain), ("June", "19-20*", plain),
             ("July/August", "31-1", plain), ("September", "12-13*", plain),
             ("October", "23-24", plain), ("December", "11-12*", plain)]
    y2013 = [("January", "29-30", plain), ("March", "19-20*", plain), ("April/May", "30-1", plain),
             ("June", "18-19*", plain), ("July", "30-31", plain), ("September", "17-18*", plain),
             ("October", "16 (unscheduled)", plain), ("October", "29-30", hidden),
             ("December", "17-18*", plain)]
    y2014 = [("January", "28-29", plain), ("March", "4 (unscheduled)", plain),
             ("March", "18-19*", hidden), ("April", "29-30", plain), ("June", "17-18*", plain),
             ("July", "29-30", plain), ("September", "16-17*", plain), ("October", "28-29", plain),
             ("December", "16-17*", plain)]
    return ("<html><head><title>FOMC</title></head><body>\n" + FILLER + old_table(2014, y2014) +
            old_table(2013, y2013) + old_table(2012, y2012) +
            '<div id="lastUpdate">Last Update: March 20, 2014</div></body></html>')


# ---- the Federal Reserve's feeds


def fed_json():
    rows = [
        {"title": "FOMC Meeting", "time": "2:00 p.m.", "month": "2026-01", "days": "27, 28",
         "type": "FOMC"},
        {"title": "FOMC Press Conference", "time": "2:30 p.m.", "month": "2026-01", "days": "28",
         "type": "FOMC", "link": "/live.htm"},
        {"title": "FOMC Minutes", "description": "&lt;p&gt;Meeting of December 9-10&lt;/p&gt;",
         "time": "2:00 p.m.", "month": "2026-01", "days": "7", "type": "FOMC"},
        {"title": "FOMC Minutes", "description": "&lt;p&gt;Meeting of January 27-28&lt;/p&gt;",
         "time": "2:00 p.m.", "month": "2026-02", "days": "18", "type": "FOMC"},
        {"title": "FOMC Meeting", "time": "2:00 p.m.", "month": "2026-03", "days": "18",
         "description": "&lt;p&gt;Two-day meeting, March 17 - 18&lt;/p&gt;&#10;&lt;p&gt;"
                        "Press Conference&lt;/p&gt;", "type": "FOMC"},
        {"title": "FOMC Press Conference", "time": "2:30 p.m.", "month": "2026-03", "days": "18",
         "type": "FOMC"},
        {"title": "FOMC Meeting", "time": "2:00 p.m.", "month": "2026-05", "days": "1",
         "description": "&lt;p&gt;Two-day meeting, April 30 - May 1&lt;/p&gt;", "type": "FOMC"},
        {"title": "FOMC Press Conference", "time": "2:30 p.m.", "month": "2026-05", "days": "1",
         "type": "FOMC"},
        {"title": "FOMC Meeting", "time": "2:00 p.m.", "month": "2026-06", "days": "17",
         "type": "FOMC"},
        {"title": "Beige Book", "time": "2:00 p.m.", "month": "2026-03", "days": "4",
         "type": "Beige"},
        {"title": "Speech - Chair Ada Example", "time": "10:45 a.m.", "month": "2026-03",
         "days": "6", "type": "Speeches", "location": "At the caf&#233;",
         "description": "Outlook &amp; risks"},
        {"title": "Speech - Vice Chair Ben Example", "time": "12:15 p.m.", "month": "2026-03",
         "days": "6", "type": "Speeches"},
        {"title": "Speech - Vice Chair Ben Example", "time": "4:00 p.m.", "month": "2026-03",
         "days": "6", "type": "Speeches"},
        {"title": "G.17 - Industrial Production", "time": "9:15 a.m.", "month": "2026-03",
         "days": "17", "type": "Stat"},
        {"title": "G.20 - Finance Companies", "time": "", "month": "2026-03", "days": "31",
         "description": "&lt;p&gt;approximate&lt;/p&gt;", "type": "Stat"},
        {"title": "Holiday - Presidents Day", "time": "", "month": "2026-02", "days": "16",
         "type": "Other"},
        {},
    ]
    return "\ufeff" + json.dumps({"events": rows}, indent=1)


ITEMS = [
    ("Federal Reserve issues FOMC statement", datetime.datetime(2020, 3, 3, 15, 0)),
    ("Minutes of the Federal Open Market Committee, January 28-29, 2020",
     datetime.datetime(2020, 2, 19, 19, 0)),
    ("Federal Reserve issues FOMC statement", datetime.datetime(2020, 1, 29, 19, 0)),
    ("Minutes of the Board's discount rate meetings on December 2 and 11, 2019",
     datetime.datetime(2020, 1, 14, 19, 0)),
    ("Minutes of the Federal Open Market Committee, December 10-11, 2019",
     datetime.datetime(2020, 1, 3, 19, 0)),
    ("Federal Reserve issues FOMC statement of longer-run goals and policy strategy",
     datetime.datetime(2020, 1, 29, 19, 0)),
] + [(f"Federal Reserve announces a matter of no consequence &amp; interest, number {n}",
      datetime.datetime(2020, 1, 2, 15, n)) for n in range(8)]


def rss1():
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
            ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
            '<channel rdf:about="/feed"><title>Press</title><items><rdf:Seq>\n')
    text += "".join(f'<rdf:li rdf:resource="/{n}"/>\n' for n in range(len(ITEMS)))
    text += "</rdf:Seq></items></channel>\n"
    for n, (title, at) in enumerate(ITEMS):
        eastern = (at - datetime.timedelta(hours=5)).isoformat()
        text += (f'<item rdf:about="/{n}"><title>{title}</title><link>/{n}</link>'
                 f"<dc:date>{eastern}-05:00</dc:date></item>\n")
    return text + "</rdf:RDF>\n"


def rss2():
    text = ('<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
            "<title>Press</title><link>/</link><description>all</description>\n")
    for n, (title, at) in enumerate(ITEMS):
        stamp = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
        text += (f"<item><title><![CDATA[{title.replace('&amp;', '&')}]]></title><link>/{n}</link>"
                 f"<guid>/{n}</guid><pubDate>{stamp}</pubDate></item>\n")
    return text + "</channel></rss>\n"


# ---- the agencies


def third_friday_after_week_of_12th(year, month):
    """The day of the Employment Situation about that month, away from holidays."""
    twelfth = datetime.date(year, month, 12)
    saturday = twelfth + DAY * ((5 - twelfth.weekday()) % 7)
    day = saturday + 20 * DAY
    return day + 7 * DAY if day.month == 1 and day.day <= 3 else day


def bls_releases(year):
    found = []
    for month in range(1, 13):
        before = (year, month - 1) if month > 1 else (year - 1, 12)
        payrolls = third_friday_after_week_of_12th(*before)
        if payrolls in (datetime.date(2025, 7, 4), datetime.date(2026, 7, 3)):
            payrolls -= DAY  # the holiday, and its observed day
        found += [(payrolls, "083000", "Employment Situation"),
                  (nth_weekday(year, month, 2, 2), "083000", "Consumer Price Index"),
                  (nth_weekday(year, month, 3, 2), "083000", "Producer Price Index"),
                  (nth_weekday(year, month, 1, 1), "100000",
                   "Job Openings and Labor Turnover Survey")]
    found += [(nth_weekday(year, month, 4, 4), "083000", "Employment Cost Index")
              for month in (1, 4, 7, 10)]
    return sorted(found)


def bls(releases, zone="US-Eastern"):
    text = ("BEGIN:VCALENDAR\nPRODID:-//Example//Release Schedule//EN\nVERSION:2.0\n"
            "CALSCALE:GREGORIAN\nMETHOD:PUBLISH\nX-WR-CALNAME:Release Schedule\n"
            f"X-WR-TIMEZONE:{zone}\nBEGIN:VTIMEZONE\nTZID:{zone}\nBEGIN:DAYLIGHT\n"
            "TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nDTSTART:20070311T020000\n"
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nTZNAME:EDT\nEND:DAYLIGHT\nBEGIN:STANDARD\n"
            "TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nDTSTART:20071104T020000\n"
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nTZNAME:EST\nEND:STANDARD\nEND:VTIMEZONE\n\n\n")
    for number, (day, time, name) in enumerate(releases):
        text += (f"BEGIN:VEVENT\nSEQUENCE:1\nCLASS:PUBLIC\nUID:example-{number}\n"
                 f"DTSTART;TZID={zone}:{day:%Y%m%d}T{time}\nDURATION:PT0M\nSUMMARY:{name}\n"
                 "LOCATION:Washington\\, DC\nCATEGORIES:IMPORTANT, BLS\nEND:VEVENT\n")
    return text + "\n\nEND:VCALENDAR"


def bls_file():
    return bls(bls_releases(2025) + bls_releases(2026))


def bea_days(year):
    gdp, income = [], []
    for month in range(1, 13):
        gdp.append(nth_weekday(year, month, 3, 4))
        income.append(nth_weekday(year, month, 4, 4))
    return gdp, income


def utc_text(day, hour=8, minute=30):
    """New York's wall clock in UTC; in these years clocks change on the 2nd Sunday of March and
    the 1st of November."""
    summer = nth_weekday(day.year, 3, 6, 2) <= day < nth_weekday(day.year, 11, 6, 1)
    at = datetime.datetime(day.year, day.month, day.day, hour + (4 if summer else 5), minute)
    return at.isoformat() + "+00:00"


def bea_json():
    gdp, income = bea_days(2026)
    data = {"Gross Domestic Product": {"release_dates": [utc_text(day) for day in gdp]},
            "Personal Income and Outlays": {"release_dates": [utc_text(day) for day in income]},
            "U.S. International Trade in Goods and Services":
                {"release_dates": [utc_text(nth_weekday(2026, m, 2, 1)) for m in range(1, 13)]},
            "U.S. International Transactions":
                {"release_dates": [utc_text(nth_weekday(2026, m, 2, 3)) for m in (3, 6, 9, 12)]},
            "Corporate Profits":
                {"release_dates": [utc_text(nth_weekday(2026, m, 3, 4)) for m in range(3, 13)]},
            "GDP by County": {"release_dates": [utc_text(datetime.date(2026, 12, 2), 10, 0)]},
            "file_last_updated": "2026-01-02T10:00:00+00:00"}
    data["Gross Domestic Product"]["release_dates"].append(utc_text(gdp[3]))  # a duplicate
    # Moved by a shutdown, to another time of day as well.
    data["Personal Income and Outlays"]["release_dates"][8] = utc_text(
        datetime.date(2026, 9, 25), 10, 0)
    return json.dumps(data, indent=1)


def bea_html():
    gdp, income = bea_days(2026)
    estimates = ["GDP (Advance Estimate)", "GDP (Second Estimate) and Corporate Profits",
                 "GDP (Third Estimate), Industries, Corporate Profits"]
    quarters = ["1st", "2nd", "3rd", "4th"]
    rows = []
    for month in range(8, 13):
        quarter = (month - 1) // 3 - 1
        rows.append((gdp[month - 1], "8:30 AM",
                     f"{estimates[(month - 1) % 3]}, {quarters[quarter]} Quarter 2026"))
        rows.append((income[month - 1], "8:30 AM",
                     f"Personal Income and Outlays, {MONTHS[month - 2]} 2026 "))
    rows.append((datetime.date(2026, 12, 2), "10:00 AM", "GDP by County, 2025"))
    text = ('<html><body>' + FILLER + '<table id="release-schedule-table"><thead><tr>'
            '<th>Year 2026</th><th></th><th>Release</th></tr></thead><tbody>\n')
    for day, time, title in rows:
        text += ('<tr class="scheduled-releases-type-press"><td class="scheduled-date no-wrap">'
                 f'<div class="release-date">{MONTHS[day.month - 1]} {day.day}</div>\n'
                 f'<small class="text-muted">{time}</small> </td><td>News</td>'
                 f'<td class="release-title views-field">{title} </td></tr>\n')
    text += ('<tr><td class="scheduled-date"><small>To Be Announced<br />2026</small></td>'
             '<td>Data</td><td class="release-title">Outdoor Recreation, 2025</td></tr>\n')
    return text + "</tbody></table></body></html>\n"


# ---- others


def forexfactory():
    rows = [("German Prelim CPI m/m", "EUR", "2026-08-31T08:00:00-04:00", "Medium"),
            ("Bank Holiday", "GBP", "2026-08-31T00:00:00-04:00", "Holiday"),
            ("ISM Manufacturing PMI", "USD", "2026-09-01T10:00:00-04:00", "High"),
            ("RBA Gov Speaks", "AUD", "2026-09-01T20:10:00-04:00", "Medium"),
            ("RBA Gov Speaks", "AUD", "2026-09-02T21:00:00-04:00", "Medium"),
            ("Overnight Rate", "CAD", "2026-09-02T13:45:00+00:00", "High")]
    rows += [(f"Auction Number {n}", "EUR", f"2026-09-0{1 + n % 4}T05:{n:02}:00-04:00", "Low")
             for n in range(20)]
    return json.dumps([{"title": t, "country": c, "date": d, "impact": i, "forecast": "",
                        "previous": "1.0%"} for t, c, d, i in rows], indent=1)


def nse_holidays():
    days = [(26, "Jan"), (3, "Mar"), (26, "Mar"), (3, "Apr"), (14, "Apr"), (1, "May"), (28, "May"),
            (26, "Jun"), (14, "Sep"), (2, "Oct"), (25, "Dec")]
    rows = []
    for number, (day, month) in enumerate(days):
        date = datetime.datetime.strptime(f"{day} {month} 2026", "%d %b %Y")
        rows.append({"tradingDate": date.strftime("%d-%b-%Y"), "weekDay": date.strftime("%A"),
                     "description": f"Holiday {number}", "Sr_no": number + 1})
    return json.dumps({"CM": rows, "FO": rows, "CD": rows[:3]}, indent=1)


def bot_file():
    rows = [("2026-01-28", "2:00pm", "FOMC Statement"), ("2026-01-28", "2:30pm",
                                                          "FOMC Press Conference"),
            ("2026-02-06", "8:30am", "Non-Farm Employment Change"),
            ("2026-02-13", "08:30", "Core CPI m/m"), ("2026-02-14", "8:30am", "Core PPI m/m"),
            ("2026-03-13", "14:00", "Operator's own")]
    return json.dumps({"last_updated": "2026-01-01", "valid_through": "2026-12-31",
                       "total_events": len(rows), "source": "rules", "note": "",
                       "events": [{"date": d, "time": t, "currency": "USD", "event": e,
                                   "impact": "high"} for d, t, e in rows]}, indent=1)


ACCESS_DENIED = ("<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n"
                 "<H1>Access Denied</H1>\n"
                 "You don't have permission to access this on this server.<P>\nReference 18.0\n"
                 "</BODY>\n</HTML>\n")

FILES = {"fomc_new.html": fomc_new, "fomc_old.html": fomc_old, "fed.json": fed_json,
         "press_rss1.xml": rss1, "press_rss2.xml": rss2, "bls.ics": bls_file, "bea.json": bea_json,
         "bea.html": bea_html, "forexfactory.json": forexfactory, "nse_holidays.json": nse_holidays,
         "bot_calendar.json": bot_file, "access_denied.html": lambda: ACCESS_DENIED}


def main():
    for name, make in FILES.items():
        with open(f"{sys.argv[1]}/{name}", "w", encoding="utf-8", newline="") as file:
            file.write(make())


if __name__ == "__main__":
    main()
