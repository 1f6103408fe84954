// What `bullpen-calendar refresh` prints.
#include "calendar/refresh.hpp"
#include "common/base/utf8.hpp"
#include "common/log/json_text.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::size_t k_sentence_max = 512;  // bytes

void append_text(std::string& out, std::string_view name, std::string_view value) {
    out += "\"" + std::string(name) + "\":";
    log::append_json_text(out, cut_utf8(value, k_sentence_max));
}

template <class Items, class Write>
void append_list(std::string& out, std::string_view name, const Items& items, Write write) {
    out += ",\"" + std::string(name) + "\":[";
    bool first = true;
    for (const auto& item : items) {
        if (!std::exchange(first, false))
            out += ',';
        write(item);
    }
    out += ']';
}

}  // namespace

std::string json_report(const RefreshReport& report) {
    std::string out = "{\"dry_run\":";
    out += report.dry_run ? "true" : "false";
    out += ",\"good\":";
    out += report.good() ? "true" : "false";
    out += ",\"generation\":" + std::to_string(report.generation);
    append_list(out, "sources", report.sources, [&](const SourceReport& source) {
        out += '{';
        append_text(out, "source", source.source);
        out += ',';
        append_text(out, "outcome", code(source.outcome));
        out += ',';
        append_text(out, "sentence", source.sentence);
        append_list(out, "notes", source.notes, [&](const std::string& note) {
            log::append_json_text(out, cut_utf8(note, k_sentence_max));
        });
        out += '}';
    });
    append_list(out, "changes", report.changes, [&](const Change& change) {
        out += '{';
        append_text(out, "kind", code(change.kind));
        out += ',';
        append_text(out, "id", change.id);
        out += change.urgent ? ",\"urgent\":true," : ",\"urgent\":false,";
        append_text(out, "sentence", change.sentence);
        out += '}';
    });
    append_list(out, "alarms", report.alarms, [&](const MergeAlarm& alarm) {
        out += '{';
        append_text(out, "kind", code(alarm.kind));
        out += ',';
        append_text(out, "id", alarm.subject);
        out += ',';
        append_text(out, "sentence", alarm.sentence);
        out += '}';
    });
    append_list(out, "warnings", report.warnings, [&](const std::string& warning) {
        log::append_json_text(out, cut_utf8(warning, k_sentence_max));
    });
    return out + "}\n";
}

std::string text_report(const RefreshReport& report) {
    std::string out;
    for (const SourceReport& source : report.sources) {
        out += source.source + ": " + std::string(code(source.outcome)) + ", " + source.sentence +
               "\n";
        for (const std::string& note : source.notes)
            out += "  note: " + note + "\n";
    }
    for (const MergeAlarm& alarm : report.alarms)
        out += "alarm " + std::string(code(alarm.kind)) + " " + alarm.subject + ": " +
               alarm.sentence + "\n";
    for (const std::string& warning : report.warnings)
        out += "warning: " + warning + "\n";
    for (const Change& change : report.changes)
        out += std::string(change.urgent ? "urgent " : "") + std::string(code(change.kind)) + " " +
               change.id + ": " + change.sentence + "\n";
    if (report.changes.empty())
        out += "nothing is different\n";
    out += report.dry_run ? "dry run: the snapshot stays at generation "
                          : "the snapshot is of generation ";
    return out + std::to_string(report.generation) + "\n";
}

}  // namespace bullpen::calendar
