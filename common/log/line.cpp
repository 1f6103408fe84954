#include "common/log/line.hpp"

#include <unistd.h>

#include "common/base/utf8.hpp"
#include "common/log/json_text.hpp"

namespace bullpen::log {

namespace {

// What closes a line that was cut: room for it is kept.
constexpr std::string_view k_cut_mark = ",\"cut\":true";
constexpr std::size_t k_event_size_max = 128;

}  // namespace

void append_members(std::string& line, const Redactor& redactor, Fields fields) {
    for (const auto& field : fields) {
        const auto before = line.size();
        line.push_back(',');
        append_json_text(line, cut_utf8(field.key(), k_text_size_max));
        line.push_back(':');
        const auto* text = std::get_if<std::string_view>(&field.value());
        if (Redactor::is_secret_key(field.key()))
            append_json_text(line, Redactor::k_mask);
        else if (text != nullptr)
            append_json_text(line, cut_utf8(redactor.clean(cut_utf8(*text, 2 * k_text_size_max)),
                                            k_text_size_max));
        else
            append_json_value(line, field.value());
        // Escapes can make a text six times as long; a line that grew over its limit loses the
        // field, and says so.
        if (line.size() + k_cut_mark.size() + k_line_end.size() > k_line_size_max) {
            line.resize(before);
            line += k_cut_mark;
            break;
        }
    }
}

void begin_line(std::string& line, UtcTime now, Level level, std::string_view event,
                const Identity& identity, std::string_view correlation) {
    line.clear();
    line += "{\"ts\":\"";
    line += format_utc(now);
    line += "\",\"level\":\"";
    line += code(level);
    line += "\",\"event\":";
    append_json_text(line, cut_utf8(event, k_event_size_max));
    if (!identity.account.empty()) {
        line += ",\"account\":";
        append_json_text(line, identity.account);
    }
    if (!identity.launch.empty()) {
        line += ",\"launch\":";
        append_json_text(line, identity.launch);
    }
    if (identity.shadow)
        line += ",\"shadow\":true";
    line += ",\"pid\":";
    line += std::to_string(::getpid());
    if (!correlation.empty()) {
        line += ",\"cid\":";
        append_json_text(line, cut_utf8(correlation, k_event_size_max));
    }
}

}  // namespace bullpen::log
