#include "calendar/parse_report.hpp"

#include <string_view>
#include <vector>

#include "common/base/utf8.hpp"
#include "common/log/json_text.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::size_t k_sentence_max = 512;  // bytes
constexpr std::size_t k_time_width = 16;

void append_sentences(std::string& out, std::string_view name,
                      const std::vector<std::string>& sentences) {
    out += ",\"" + std::string(name) + "\":[";
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        if (i > 0)
            out += ',';
        log::append_json_text(out, cut_utf8(sentences[i], k_sentence_max));
    }
    out += ']';
}

void append_day(std::string& out, std::string_view name, std::optional<events::Day> day) {
    out += ",\"" + std::string(name) + "\":";
    out += day ? "\"" + events::format_day(*day) + "\"" : "null";
}

}  // namespace

std::string json_report(const Parsed& parsed) {
    std::string out = "{\"source\":";
    log::append_json_text(out, parsed.source);
    out += parsed.accepted ? ",\"accepted\":true" : ",\"accepted\":false";
    append_sentences(out, "reasons", parsed.reasons);
    append_sentences(out, "notes", parsed.notes);
    append_day(out, "covered_from", parsed.covered_from);
    append_day(out, "covered_to", parsed.covered_to);
    out += ",\"coverage\":[";
    for (std::size_t i = 0; i < parsed.coverage.size(); ++i)
        out += (i > 0 ? "," : "") + events::encode(parsed.coverage[i]);
    out += "],\"events\":[";
    for (std::size_t i = 0; i < parsed.events.size(); ++i)
        out += (i > 0 ? "," : "") + events::encode(parsed.events[i]);
    out += "]}\n";
    return out;
}

std::string text_report(const Parsed& parsed) {
    std::string out = parsed.source + ": " + (parsed.accepted ? "accepted" : "refused");
    if (parsed.covered_from && parsed.covered_to)
        out += ", covers " + events::format_day(*parsed.covered_from) + " to " +
               events::format_day(*parsed.covered_to);
    out += ", " + std::to_string(parsed.events.size()) + " events\n";
    for (const std::string& reason : parsed.reasons)
        out += "  refused: " + reason + "\n";
    for (const std::string& note : parsed.notes)
        out += "  note: " + note + "\n";
    for (const events::Event& event : parsed.events) {
        std::string local = events::format_local(event.local);
        if (event.precision == events::Precision::date)
            local.resize(10);
        local.resize(k_time_width, ' ');
        out += local + "  " + std::string(events::code(event.status)) + "  " +
               std::to_string(event.importance) + "  " + event.id + "\n";
    }
    return out;
}

}  // namespace bullpen::calendar
