#include "moving/text_files.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"

namespace bullpen::moving {

namespace {

constexpr std::string_view k_blank = " \t\r\f\v";

// Calls `take(number, line)` for each line, from 1; the lines have no ends.
template <class Take>
Result<void> each_line(std::string_view text, const Take& take) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos)
        return fail(Errc::invalid, "it is not a text file");
    int number = 0;
    while (!text.empty()) {
        if (++number > static_cast<int>(k_lines_max))
            return fail(Errc::too_large, "it has more than 10000 lines");
        const auto end = std::min(text.find('\n'), text.size());
        if (auto taken = take(number, text.substr(0, end)); !taken)
            return taken;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

std::string unquoted(std::string_view value) {
    if (value.empty() || (value.front() != '"' && value.front() != '\'')) {
        // A comment stands apart; a '#' within a value belongs to it.
        const auto comment = value.find(" #");
        return std::string(trimmed(value.substr(0, comment)));
    }
    const char quote = value.front();
    std::string out;
    for (std::size_t i = 1; i < value.size() && value[i] != quote; ++i) {
        if (value[i] == '\\' && quote == '"' && i + 1 < value.size())
            ++i;
        out += value[i];
    }
    return out;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '_' || c == '.';
           });
}

void put(Pairs& values, std::string_view key, std::string value) {
    for (auto& [name, old] : values) {
        if (name == key) {
            old = std::move(value);
            return;
        }
    }
    values.emplace_back(key, std::move(value));
}

class IniReader {
  public:
    Result<void> line(int number, std::string_view raw) {
        const auto text = trimmed(raw);
        if (text.empty() || text.front() == '#' || text.front() == ';')
            return {};
        const bool indented = k_blank.find(raw.front()) != std::string_view::npos;
        if (indented && last_ != nullptr) {
            *last_ += "\n" + std::string(text);
            return {};
        }
        if (text.front() == '[')
            return section(number, text);
        return value(number, text);
    }
    std::vector<IniSection> take() { return std::move(sections_); }

  private:
    static Unexpected wrong(int number, const std::string& what) {
        return fail(Errc::invalid, "line " + std::to_string(number) + ": " + what);
    }

    Result<void> section(int number, std::string_view text) {
        const auto end = text.find(']');
        if (end == std::string_view::npos)
            return wrong(number, "a section's ']' is missing");
        const std::string name(text.substr(1, end - 1));
        for (const auto& known : sections_) {
            if (known.name == name)
                return wrong(number, "the section [" + name + "] is there twice");
        }
        sections_.push_back({name, {}});
        last_ = nullptr;
        return {};
    }

    Result<void> value(int number, std::string_view text) {
        if (sections_.empty())
            return wrong(number, "a value stands before the first section");
        const auto at = text.find_first_of("=:");
        if (at == std::string_view::npos || at == 0)
            return wrong(number, "there is neither '=' nor ':' behind a name");
        const auto key = lower(trimmed(text.substr(0, at)));
        auto& values = sections_.back().values;
        if (find(values, key) != nullptr)
            return wrong(number, "'" + key + "' is there twice in one section");
        values.emplace_back(key, trimmed(text.substr(at + 1)));
        last_ = &values.back().second;
        return {};
    }

    std::vector<IniSection> sections_;
    std::string* last_ = nullptr;  // what an indented line goes on with
};

}  // namespace

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

const std::string* find(const Pairs& values, std::string_view key) {
    for (const auto& [name, value] : values) {
        if (name == key)
            return &value;
    }
    return nullptr;
}

std::string ini_value(std::string_view written) {
    std::string value;
    for (std::size_t i = 0; i < written.size(); ++i) {
        value += written[i];
        if (written.substr(i, 2) == "%%")
            ++i;
    }
    return value;
}

Result<EnvFile> parse_env(std::string_view text) {
    EnvFile file;
    const auto take = [&](int number, std::string_view raw) -> Result<void> {
        auto line = trimmed(raw);
        if (line.empty() || line.front() == '#')
            return {};
        if (line.starts_with("export "))
            line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        const auto name = trimmed(line.substr(0, equals));
        if (equals == std::string_view::npos || !is_name(name)) {
            file.odd.push_back(number);
            return {};
        }
        put(file.values, name, unquoted(trimmed(line.substr(equals + 1))));
        return {};
    };
    BULLPEN_CHECK(each_line(text, take));
    return file;
}

Result<std::vector<IniSection>> parse_ini(std::string_view text) {
    IniReader reader;
    BULLPEN_CHECK(each_line(
        text, [&](int number, std::string_view raw) { return reader.line(number, raw); }));
    return reader.take();
}

}  // namespace bullpen::moving
