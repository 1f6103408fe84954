#include "worker/jobs/signal_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/documents/json_text.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr std::size_t k_columns_max = 200;
constexpr std::size_t k_cell_max = 1000;

// What each column may be called.
struct Column {
    std::string_view name;
    std::array<std::string_view, 5> names;
};
constexpr std::array<Column, 4> k_columns{{
    {"Ticker", {"ticker", "symbol", "tradingsymbol", "", ""}},
    {"Entry_Price", {"entry_price", "entry", "brooks_entry_price", "", ""}},
    {"Stop_Loss", {"stop_loss", "stop", "stoploss", "", ""}},
    {"Target1", {"target1", "target_1", "target", "target_price", ""}},
}};

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text)
        out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    return out;
}

// Of "NSE:INFY", in whatever case.
std::string symbol_of(std::string_view text) {
    constexpr std::string_view k_exchange = "NSE:";
    std::string symbol;
    for (const char c : text)
        symbol.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    if (symbol.starts_with(k_exchange))
        symbol = std::string(trimmed(std::string_view(symbol).substr(k_exchange.size())));
    return symbol;
}

// Whether commas part a whole number as people write thousands or lakhs: "1,34,000". The last part
// has three digits, so that a decimal comma is not taken for one of these.
bool parts_thousands(std::string_view whole) {
    constexpr std::size_t k_thousands = 3;
    auto end = whole.rfind(',');
    if (whole.size() - end - 1 != k_thousands)
        return false;
    while (end != 0) {
        const auto comma = whole.substr(0, end).rfind(',');
        const auto size = comma == std::string_view::npos ? end : end - comma - 1;
        if (size == 0 || size > k_thousands || (comma != std::string_view::npos && size < 2))
            return false;
        if (comma == std::string_view::npos)
            return true;
        end = comma;
    }
    return false;
}

// The digits of "\u20b9 4,000.00" or "Rs. 4,000/-"; as it is where it is written otherwise.
std::string plain_number(std::string_view text) {
    constexpr std::array<std::string_view, 4> k_signs{"\xE2\x82\xB9", "Rs.", "Rs", "INR"};
    for (const auto sign : k_signs) {
        if (text.starts_with(sign)) {
            text = trimmed(text.substr(sign.size()));
            break;
        }
    }
    if (text.ends_with("/-"))
        text.remove_suffix(2);
    std::string number(text);
    const auto whole = text.substr(0, text.find('.'));
    if (whole.find(',') != std::string_view::npos && parts_thousands(whole))
        std::erase(number, ',');
    return number;
}

// To the nearest paisa: spreadsheets keep 1340.05 as 1340.0499999999999.
std::optional<model::Price> price_of(std::string_view text) {
    constexpr double k_paise = 100;
    const auto number = plain_number(trimmed(text));
    text = number;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        !(value > 0 && value * k_paise <= static_cast<double>(model::k_price_ticks_max)))
        return std::nullopt;
    const model::Price price{std::llround(value * k_paise)};
    return price.ticks > 0 ? std::optional(price) : std::nullopt;
}

// Cuts rows of cells out of a text, with quotes as RFC 4180 has them.
class CsvReader {
  public:
    explicit CsvReader(std::string_view text) : text_(text) {
        // Spreadsheets of some countries part the cells otherwise.
        const auto head = text.substr(0, text.find('\n'));
        if (std::count(head.begin(), head.end(), ';') > std::count(head.begin(), head.end(), ','))
            comma_ = ';';
    }

    Result<Cells> read() {
        Cells rows;
        while (at_ < text_.size()) {
            if (rows.size() > k_signal_rows_max)
                return fail(Errc::too_large, "more rows than a signal file may have");
            BULLPEN_TRY(auto row, read_row());
            if (row.size() > 1 || !trimmed(row.front()).empty())
                rows.push_back(std::move(row));
        }
        return rows;
    }

  private:
    Result<std::vector<std::string>> read_row() {
        std::vector<std::string> row{""};
        bool quoted = false;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            auto& cell = row.back();
            if (quoted) {
                const bool ends = c == '"';
                if (ends && at_ < text_.size() && text_[at_] == '"')
                    cell.push_back(text_[at_++]);
                else if (ends)
                    quoted = false;
                else
                    cell.push_back(c);
            } else if (c == '"' && cell.empty()) {
                quoted = true;
            } else if (c == comma_) {
                row.emplace_back();
            } else if (c == '\n') {
                return row;
            } else {
                cell.push_back(c);
            }
            if (row.size() > k_columns_max || row.back().size() > k_cell_max)
                return fail(Errc::too_large, "a row that is longer than any may be");
        }
        if (quoted)
            return fail(Errc::invalid, "a quote that does not end");
        return row;
    }

    std::string_view text_;
    char comma_ = ',';
    std::size_t at_ = 0;
};

std::string text_of(const json& value) {
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? documents::json_text(value) : std::string();
}

// The place of each of k_columns in a row.
Result<std::array<std::size_t, 4>> places_of(const std::vector<std::string>& head) {
    std::array<std::size_t, 4> places{};
    for (std::size_t c = 0; c < k_columns.size(); ++c) {
        const auto& names = k_columns.at(c).names;
        const auto found = std::find_if(head.begin(), head.end(), [&](const std::string& name) {
            const auto plain = lower(trimmed(name));
            return !plain.empty() && std::find(names.begin(), names.end(), plain) != names.end();
        });
        if (found == head.end()) {
            return fail(Errc::invalid, "there is no column " + std::string(k_columns.at(c).name));
        }
        places.at(c) = static_cast<std::size_t>(found - head.begin());
    }
    return places;
}

}  // namespace

Result<Cells> cells_of_csv(std::string_view text) {
    constexpr std::string_view k_mark = "\xEF\xBB\xBF";
    if (text.starts_with(k_mark))
        text.remove_prefix(k_mark.size());
    return CsvReader(text).read();
}

// A list of objects, or an object that has one as `signals`.
Result<Cells> cells_of_json(std::string_view text) {
    const auto document = documents::parse_json(text);
    if (document.is_discarded())
        return fail(Errc::invalid, "it is no JSON");
    const auto& list =
        document.is_object() && document.contains("signals") ? document["signals"] : document;
    if (!list.is_array() || list.size() > k_signal_rows_max)
        return fail(Errc::invalid, "it is no list of signals");
    Cells rows(1);
    for (const auto& object : list) {
        if (!object.is_object())
            return fail(Errc::invalid, "a signal in it is no object");
        for (const auto& [name, value] : object.items()) {
            const bool known = std::find(rows[0].begin(), rows[0].end(), name) != rows[0].end();
            if (!known && rows[0].size() < k_columns_max)
                rows[0].push_back(name);
        }
    }
    for (const auto& object : list) {
        auto& row = rows.emplace_back();
        for (const auto& name : std::vector(rows[0]))
            row.push_back(object.contains(name) ? text_of(object.at(name)) : "");
    }
    if (list.empty()) {
        for (const auto& column : k_columns)
            rows[0].emplace_back(column.name);
    }
    return rows;
}

Result<SignalSheet> signals_of(const Cells& cells) {
    if (cells.empty())
        return fail(Errc::invalid, "it is empty");
    BULLPEN_TRY(const auto places, places_of(cells.front()));
    SignalSheet sheet;
    for (std::size_t r = 1; r < cells.size(); ++r) {
        const auto& row = cells[r];
        const auto cell = [&](std::size_t column) {
            const auto place = places.at(column);
            return place < row.size() ? trimmed(row[place]) : std::string_view{};
        };
        const bool blank = std::all_of(row.begin(), row.end(),
                                       [](const std::string& one) { return trimmed(one).empty(); });
        if (blank)
            continue;
        Signal signal;
        std::string wrong;
        signal.symbol = symbol_of(cell(0));
        if (!ipc::is_share_symbol(signal.symbol))
            wrong = "Ticker '" + std::string(cell(0)) + "' is no symbol";
        std::array<model::Price*, 3> prices{&signal.entry, &signal.stop, &signal.target};
        for (std::size_t p = 0; p < prices.size() && wrong.empty(); ++p) {
            if (const auto price = price_of(cell(p + 1)))
                *prices.at(p) = *price;
            else
                wrong = std::string(k_columns.at(p + 1).name) + " '" + std::string(cell(p + 1)) +
                        "' is no price";
        }
        if (wrong.empty())
            sheet.signals.push_back(std::move(signal));
        else
            sheet.bad_rows.push_back("row " + std::to_string(r + 1) + ": " + wrong);
    }
    return sheet;
}

bool is_cut_short(std::string_view name, std::string_view content) {
    return lower(name).ends_with(".csv") && !content.empty() && !content.ends_with('\n');
}

bool is_fresh(UtcTime modified, UtcTime now, Nanos age_max, UtcTime day_before_closed) {
    // A market that is simulated is at another time than the files.
    constexpr Nanos k_live = std::chrono::days(30);
    const bool live = day_before_closed <= now && now - day_before_closed <= k_live;
    return now - modified <= age_max || (live && modified >= day_before_closed);
}

Result<SignalSheet> read_signals(std::string_view name, std::string_view content) {
    const auto ending = lower(name.substr(std::min(name.rfind('.'), name.size())));
    Result<Cells> cells = fail(Errc::invalid, "its name ends in none of .csv, .json and .xlsx");
    if (ending == ".csv")
        cells = cells_of_csv(content);
    else if (ending == ".json")
        cells = cells_of_json(content);
    else if (ending == ".xlsx")
        cells = cells_of_xlsx(content);
    auto sheet = cells ? signals_of(*cells) : Result<SignalSheet>(fail(cells.error()));
    if (!sheet)
        return fail(std::move(sheet).error().wrap("signal file '" + std::string(name) + "'"));
    return sheet;
}

Result<std::optional<InboxFile>> newest_signal_file(const Inbox& inbox, std::string_view prefix) {
    BULLPEN_TRY(const auto names, inbox.names());
    std::optional<InboxFile> newest;
    for (const auto& name : names) {
        const auto ending =
            lower(std::string_view(name).substr(std::min(name.rfind('.'), name.size())));
        if (!name.starts_with(prefix) || name.starts_with('.') || name.starts_with('~') ||
            (ending != ".csv" && ending != ".json" && ending != ".xlsx"))
            continue;
        const auto status = inbox.status(name);
        if (!status || status->is_directory)
            continue;
        if (!newest || status->modified >= newest->modified)
            newest = InboxFile{name, status->modified};
    }
    return newest;
}

}  // namespace bullpen::jobs
