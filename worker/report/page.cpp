#include "worker/report/page.hpp"

#include "worker/report/svg.hpp"

namespace bullpen::report {

namespace {

constexpr std::string_view k_style =
    "body{font:14px/1.45 system-ui,sans-serif;color:#1d2733;background:#fff;max-width:920px;"
    "margin:24px auto;padding:0 16px}\n"
    "h1{font-size:22px;margin:0 0 4px}h2{font-size:15px;margin:26px 0 6px}\n"
    "p{margin:4px 0;color:#55606e}.shadow{color:#9a3412;font-weight:600}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
    "td,th{padding:3px 8px;border-bottom:1px solid #e6e9ee;text-align:right;font-weight:400}\n"
    "th{color:#55606e;border-bottom:1px solid #b8c0cc}\n"
    ".l{text-align:left}.d{color:#7a8594;text-align:left;font-size:12px}\n"
    ".lost{color:#a3382c}\n"
    "svg{width:100%;height:auto;display:block}\n"
    ".grid{stroke:#e6e9ee}.zero{stroke:#8a94a2}.tick{font-size:11px;fill:#6b7684}\n"
    ".line{fill:none;stroke-width:1.6;stroke-linejoin:round}\n"
    ".equity{stroke:#27567d}.drawdown{stroke:#a3382c}.fill-drawdown{fill:#a3382c;opacity:.15}\n"
    ".win{fill:#3b7d5c}.loss{fill:#b5574b}\n"
    "footer{margin:24px 0;color:#7a8594;font-size:12px}\n"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}"
    "svg,tr{break-inside:avoid}}\n";

}  // namespace

std::string section(std::string_view title, std::string_view note, const std::string& content) {
    std::string out = "<section>\n<h2>" + escaped(title) + "</h2>\n";
    if (!note.empty())
        out += "<p>" + escaped(note) + "</p>\n";
    return out + content + "</section>\n";
}

std::string page(std::string_view title, std::string_view more_style, const std::string& content,
                 std::string_view foot) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'\">\n<title>" +
           escaped(title) + "</title>\n<style>\n" + std::string(k_style) + std::string(more_style) +
           "</style>\n</head>\n<body>\n" + content + "<footer>" + escaped(foot) +
           "</footer>\n</body>\n</html>\n";
}

}  // namespace bullpen::report
