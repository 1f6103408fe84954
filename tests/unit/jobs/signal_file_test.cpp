#include "worker/jobs/signal_file.hpp"

#include <zip.h>

#include <doctest/doctest.h>

#include <filesystem>

#include <algorithm>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;

namespace {

const std::vector<Signal> k_two{{"INFY", {134'005}, {129'990}, {150'000}},
                                {"M&M", {90'000}, {88'000}, {99'950}}};

// A workbook of these parts, as bytes.
std::string workbook(const std::vector<std::pair<std::string, std::string>>& parts) {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/book.xlsx";
    auto* archive = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
    REQUIRE(archive != nullptr);
    for (const auto& [name, text] : parts) {
        REQUIRE(zipOpenNewFileInZip(archive, name.c_str(), nullptr, nullptr, 0, nullptr, 0, nullptr,
                                    Z_DEFLATED, Z_DEFAULT_COMPRESSION) == ZIP_OK);
        REQUIRE(zipWriteInFileInZip(archive, text.data(), static_cast<unsigned>(text.size())) ==
                ZIP_OK);
        REQUIRE(zipCloseFileInZip(archive) == ZIP_OK);
    }
    REQUIRE(zipClose(archive, nullptr) == ZIP_OK);
    return test::read_text(path);
}

const std::string k_book = R"(<?xml version="1.0"?><workbook xmlns:r="x"><sheets>)"
                           R"(<sheet name="Signals" sheetId="1" r:id="rId7"/></sheets></workbook>)";
const std::string k_relations =
    R"(<Relationships><Relationship Id="rId1" Target="styles.xml"/>)"
    R"(<Relationship Id="rId7" Target="worksheets/sheet3.xml"/></Relationships>)";
const std::string k_strings =
    R"(<sst><si><t>Ticker</t></si><si><t>Entry_Price</t></si><si><t>Stop_Loss</t></si>)"
    R"(<si><r><t>Tar</t></r><r><t>get1</t></r></si><si><t>M&amp;M</t></si></sst>)";
const std::string k_sheet =
    R"(<worksheet><sheetData>)"
    R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c>)"
    R"(<c r="D1" t="s"><v>2</v></c><c r="E1" t="s"><v>3</v></c></row>)"
    R"(<row r="2"><c r="A2" t="inlineStr"><is><t>INFY</t></is></c><c r="C2"><v>1340.0499999999999</v></c>)"
    R"(<c r="D2"><f>C2*0.97</f><v>1299.9</v></c><c r="E2"><v>1500</v></c></row>)"
    R"(<row r="3"><c r="A3" t="s"><v>4</v></c><c r="C3"><v>900</v></c><c r="D3"><v>880</v></c>)"
    R"(<c r="E3"><v>999.5</v></c></row></sheetData></worksheet>)";

std::string good_workbook() {
    return workbook({{"xl/workbook.xml", k_book},
                     {"xl/_rels/workbook.xml.rels", k_relations},
                     {"xl/sharedStrings.xml", k_strings},
                     {"xl/worksheets/sheet3.xml", k_sheet}});
}

}  // namespace

TEST_CASE("the three kinds of files say the same") {
    const auto csv = read_signals("a.csv",
                                  "\xEF\xBB\xBF"
                                  "Date,ticker,Entry_Price, STOP_LOSS ,Target1,Note\r\n"
                                  "1,INFY,1340.05,1299.90,1500,\"a, \"\"b\"\"\"\r\n\r\n"
                                  "2,M&M,900,880,999.5,\r\n");
    REQUIRE_MESSAGE(csv, csv.error().message());
    CHECK(csv->signals == k_two);
    CHECK(csv->bad_rows.empty());
    const auto json = read_signals(
        "b.JSON", R"([{"symbol":"INFY","entry":1340.05,"stop":"1299.90","target":1500},)"
                  R"({"symbol":"M&M","target":999.5,"entry":900,"stop":880}])");
    REQUIRE_MESSAGE(json, json.error().message());
    CHECK(json->signals == k_two);
    const auto xlsx = read_signals("c.xlsx", good_workbook());
    REQUIRE_MESSAGE(xlsx, xlsx.error().message());
    CHECK(xlsx->signals == k_two);
}

TEST_CASE("a row that makes no sense is told with its place, and leaves the others alone") {
    const auto sheet = read_signals("a.csv",
                                    "Ticker,Entry_Price,Stop_Loss,Target1\n"
                                    "in fy,1,1,1\nINFY,1340.05,1299.90,1500\nTCS,12,\"1,5\",20\n"
                                    "TCS,-1,2,3\nTCS,1,2\nTCS,inf,2,3\nM&M,900,880,999.5\n");
    REQUIRE(sheet.has_value());
    CHECK(sheet->signals == k_two);
    CHECK(sheet->bad_rows == std::vector<std::string>{"row 2: Ticker 'in fy' is no symbol",
                                                      "row 4: Stop_Loss '1,5' is no price",
                                                      "row 5: Entry_Price '-1' is no price",
                                                      "row 6: Target1 '' is no price",
                                                      "row 7: Entry_Price 'inf' is no price"});
}

TEST_CASE("symbols and prices are read as spreadsheets have them") {
    const auto sheet = read_signals("a.csv",
                                    "\xEF\xBB\xBFTicker;Entry_Price;Stop_Loss;Target1\r\n"
                                    "nse:infy;\xE2\x82\xB9 1,340.05;Rs. 1299.90;\"1,500/-\"\r\n"
                                    "M&M;INR 900;880.00;999.5\r\n");
    REQUIRE_MESSAGE(sheet, sheet.error().message());
    CHECK(sheet->signals == k_two);
    CHECK(sheet->bad_rows.empty());
    struct Row {
        const char* text;
        std::int64_t paise;  // 0: it is no price
    };
    constexpr Row k_rows[] = {{"4,000.00", 400'000},
                              {"1,34,000", 13'400'000},
                              {"12,34,567.5", 123'456'750},
                              {"Rs4000", 400'000},
                              {"1,5", 0},
                              {"4000,50", 0},
                              {"1234,000", 0},
                              {",000", 0},
                              {"1,,000", 0},
                              {"1,0,000", 0},
                              {"$4000", 0},
                              {"\xE2\x82\xB9", 0}};
    for (const auto& row : k_rows) {
        const auto read =
            signals_of({{"ticker", "entry", "stop", "target"}, {"INFY", row.text, "1", "2"}});
        REQUIRE(read.has_value());
        CHECK_MESSAGE(read->signals.size() == (row.paise > 0 ? 1 : 0), row.text);
        if (row.paise > 0 && !read->signals.empty())
            CHECK_MESSAGE(read->signals.front().entry.ticks == row.paise, row.text);
    }
    const auto other =
        signals_of({{"ticker", "entry", "stop", "target"}, {"BSE:INFY", "3", "1", "2"}});
    REQUIRE(other.has_value());
    CHECK(other->signals.empty());
    CHECK(other->bad_rows == std::vector<std::string>{"row 2: Ticker 'BSE:INFY' is no symbol"});
}

TEST_CASE("a workbook whose elements have a prefix says the same") {
    const auto prefixed = [](std::string text) {
        for (const char* name : {"workbook", "sheets", "sheet ", "sst", "si>", "r>", "t>",
                                 "worksheet", "sheetData", "row", "c ", "c>", "v>", "is>", "f>"}) {
            for (const std::string begin : {"<", "</"}) {
                const auto from = begin + name;
                const auto to = begin + "x:" + name;
                for (auto at = text.find(from); at != std::string::npos;
                     at = text.find(from, at + to.size()))
                    text.replace(at, from.size(), to);
            }
        }
        return text;
    };
    const auto sheet =
        read_signals("c.xlsx", workbook({{"xl/workbook.xml", prefixed(k_book)},
                                         {"xl/_rels/workbook.xml.rels", k_relations},
                                         {"xl/sharedStrings.xml", prefixed(k_strings)},
                                         {"xl/worksheets/sheet3.xml", prefixed(k_sheet)}}));
    REQUIRE_MESSAGE(sheet, sheet.error().message());
    CHECK(sheet->signals == k_two);
}

TEST_CASE("a file that somebody still copies is known by its last line") {
    const std::string head = "Ticker,Entry_Price,Stop_Loss,Target1\n";
    CHECK(is_cut_short("a.CSV", head + "INFY,1340.05,12"));
    CHECK(is_cut_short("a.csv", head + "INFY,\"1340"));
    CHECK(is_cut_short("a.csv", head + "INFY,1340.05,1299.90,1500\nTC"));
    // Of 15000, perhaps.
    CHECK(is_cut_short("a.csv", head + "INFY,1340.05,1299.90,1500"));
    CHECK_FALSE(is_cut_short("a.csv", head + "INFY,1340.05,12\n"));
    CHECK_FALSE(is_cut_short("a.csv", ""));
    CHECK_FALSE(is_cut_short("a.json", "[{"));
}

TEST_CASE("a table may lie below other rows, and bad rows are told by the numbers people see") {
    const auto sheet = read_signals("a.csv",
                                    "Scan of 20 Nov 2026\n\n\"Stop, or target?\",x\n"
                                    "No,Ticker,Entry_Price,Stop_Loss,Target1\n\n"
                                    "1,INFY,1340.05,1299.90,1500\n2,TCS,x,1,2\n"
                                    "3,M&M,900,880,999.5\n");
    REQUIRE_MESSAGE(sheet, sheet.error().message());
    CHECK(sheet->signals == k_two);
    CHECK(sheet->bad_rows == std::vector<std::string>{"row 7: Entry_Price 'x' is no price"});
    const auto hinted = read_signals("a.csv",
                                     "sep=;\nTicker;Entry;Stop;Target\n"
                                     "INFY;1,340.05;1,299.90;1,500\nM&M;900;880;999.5\n");
    REQUIRE_MESSAGE(hinted, hinted.error().message());
    CHECK(hinted->signals == k_two);
}

TEST_CASE(
    "a CSV of UTF-16 with its mark says the same, with tabs too, and half of one is refused") {
    const std::string text =
        "Ticker\tEntry\tStop\tTarget\tNote\r\n"
        "INFY\t1340.05\t1299.90\t1500\t\xE2\x82\xB9 \xF0\x9F\x93\x88\r\n"
        "M&M\t900\t880\t999.5\t\xC3\xA9\r\n";
    const std::u16string wide =
        u"Ticker\tEntry\tStop\tTarget\tNote\r\n"
        u"INFY\t1340.05\t1299.90\t1500\t\u20B9 \U0001F4C8\r\nM&M\t900\t880\t999.5\t\u00E9\r\n";
    for (const bool little : {true, false}) {
        CAPTURE(little);
        std::string bytes = little ? "\xFF\xFE" : "\xFE\xFF";
        for (const char16_t unit : wide) {
            const auto low = static_cast<char>(unit & 0xFFU);
            const auto high = static_cast<char>(unit >> 8U);
            bytes += {little ? low : high, little ? high : low};
        }
        CHECK(utf8_of(bytes).value() == text);
        const auto sheet = read_signals("a.csv", bytes);
        REQUIRE_MESSAGE(sheet, sheet.error().message());
        CHECK(sheet->signals == k_two);
        CHECK_FALSE(is_cut_short("a.csv", bytes));
        CHECK(is_cut_short("a.csv", std::string_view(bytes).substr(0, bytes.size() - 2)));
        CHECK(is_cut_short("a.csv", std::string_view(bytes).substr(0, bytes.size() - 1)));
        const auto half = read_signals("a.csv", bytes.substr(0, bytes.size() - 1));
        REQUIRE_FALSE(half);
        CHECK(half.error().message().find(
                  "no whole text of UTF-16: save it anew, as CSV in UTF-8") != std::string::npos);
        // Without its mark it is not known for what it is.
        const auto bare = read_signals("a.csv", bytes.substr(2));
        REQUIRE_FALSE(bare);
        CHECK(bare.error().message().find("save it anew, as CSV in UTF-8") != std::string::npos);
    }
}

TEST_CASE("a column that is there twice is one where both say the same, else it is refused") {
    const auto why = [](const std::string& text) {
        const auto sheet = read_signals("a.csv", text);
        return sheet ? std::to_string(sheet->signals.size()) : sheet.error().message();
    };
    CHECK(why("Ticker,Entry,Stop,Target,stop_loss\nINFY,100,95,120,95\nTCS,10,9,12, 9\n") == "2");
    CHECK(why("Ticker,Entry,Stop,Target,stop\nINFY,100,95,120,95\nTCS,10,9,12,8\n")
              .find("signal file 'a.csv': the column Stop_Loss is there twice in row 1, as 'Stop' "
                    "in C and as 'stop' in E, and row 3 has '9' and '8': remove or rename one of "
                    "them") != std::string::npos);
}

TEST_CASE("a workbook's table may be on another sheet than the first, and is found once") {
    const std::string book =
        R"(<workbook xmlns:r="x"><sheets><sheet name="About" sheetId="1" r:id="rId1"/>)"
        R"(<sheet name="Picks" sheetId="2" r:id="rId7"/>%</sheets></workbook>)";
    const std::string about =
        R"(<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>By the scanner</t></is>)"
        R"(</c></row><row r="1048576"><c r="A1048576"/></row></sheetData></worksheet>)";
    // Its rows begin further down.
    auto low = k_sheet;
    for (const std::string row : {"3", "2", "1"}) {
        const auto to = std::to_string(std::stoi(row) + 5);
        for (const std::string before : {"<row r=\"", "r=\"A", "r=\"C", "r=\"D", "r=\"E"}) {
            const auto from = before + row + "\"";
            for (auto at = low.find(from); at != std::string::npos; at = low.find(from, at + 1))
                low.replace(at, from.size(), before + to + "\"");
        }
    }
    const auto read = [&](const std::string& more, const std::string& sheet) {
        auto names = book;
        names.replace(names.find('%'), 1, more);
        const std::string relations =
            R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>)"
            R"(<Relationship Id="rId9" Target="worksheets/sheet3.xml"/>)" +
            k_relations.substr(k_relations.find("<Relationship Id=\"rId7"));
        return read_signals("c.xlsx", workbook({{"xl/workbook.xml", names},
                                                {"xl/_rels/workbook.xml.rels", relations},
                                                {"xl/sharedStrings.xml", k_strings},
                                                {"xl/worksheets/sheet1.xml", about},
                                                {"xl/worksheets/sheet3.xml", sheet}}));
    };
    const auto found = read("", low);
    REQUIRE_MESSAGE(found, found.error().message());
    CHECK(found->signals == k_two);
    auto bad = low;
    bad.replace(bad.find("<v>900</v>"), 10, "<v>many</v>");
    const auto told = read("", bad);
    REQUIRE_MESSAGE(told, told.error().message());
    CHECK(told->bad_rows ==
          std::vector<std::string>{"sheet 'Picks', row 8: Entry_Price 'many' is no price"});
    const auto twice = read(R"(<sheet name="Old" sheetId="3" r:id="rId9"/>)", low);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().message().find("the sheets 'Picks' and 'Old' both have the columns") !=
          std::string::npos);
}

TEST_CASE("what is no signal file is refused, with a sentence") {
    const auto why = [](const char* name, std::string_view content) {
        const auto sheet = read_signals(name, content);
        return sheet ? "" : sheet.error().message();
    };
    CHECK(why("a.csv", "Ticker,Entry_Price,Target1\nINFY,1,2\n").find("no column Stop_Loss") !=
          std::string::npos);
    CHECK(why("a.csv", "").find("it is empty") != std::string::npos);
    CHECK(why("a.csv", "Ticker,\"Entry").find("a quote that does not end") != std::string::npos);
    CHECK(why("a.json", "[1]").find("no object") != std::string::npos);
    CHECK(why("a.json", "{").find("no JSON") != std::string::npos);
    CHECK(why("a.txt", "x").find("none of .csv") != std::string::npos);
    CHECK(why("a.xlsx", "PK").find("no .xlsx workbook") != std::string::npos);
    CHECK(why("a.xlsx", workbook({{"xl/workbook.xml", k_book}})).find("workbook.xml.rels") !=
          std::string::npos);
    CHECK(why("a.xlsx", workbook({{"xl/workbook.xml", "<workbook"}})).find("is no XML") !=
          std::string::npos);
    CHECK(why("a.csv", std::string(2'000, 'x')).find("longer than any may be") !=
          std::string::npos);
}

TEST_CASE("a price of less than half a paisa is none, in every kind of file") {
    const auto csv = read_signals("a.csv", "Ticker,Entry,Stop,Target\nINFY,10,0.004,12\n");
    REQUIRE(csv.has_value());
    CHECK(csv->signals.empty());
    CHECK(csv->bad_rows == std::vector<std::string>{"row 2: Stop_Loss '0.004' is no price"});
    CHECK(read_signals("a.csv", "Ticker,Entry,Stop,Target\nINFY,10,0.006,12\n")
              ->signals.front()
              .stop.ticks == 1);
}

TEST_CASE("a long text that a workbook has once, and many cells, takes no memory without end") {
    const auto sheet_of = [](std::size_t cells) {
        std::string sheet = "<worksheet><sheetData>";
        for (std::size_t i = 0; i < cells; ++i) {
            sheet += i % 100 == 0 ? (i == 0 ? "<row>" : "</row><row>") : "";
            sheet += R"(<c t="s"><v>0</v></c>)";
        }
        return sheet + "</row></sheetData></worksheet>";
    };
    const auto read = [&](std::size_t cells) {
        return sheets_of_xlsx(
            workbook({{"xl/workbook.xml", k_book},
                      {"xl/_rels/workbook.xml.rels", k_relations},
                      {"xl/sharedStrings.xml",
                       "<sst><si><t>" + std::string(1'000'000, 'x') + "</t></si></sst>"},
                      {"xl/worksheets/sheet3.xml", sheet_of(cells)}}));
    };
    const auto few = read(100);
    REQUIRE_MESSAGE(few, few.error().message());
    CHECK(few->front().cells.front().back() == std::string(1000, 'x'));
    const auto many = read(50'000);
    REQUIRE_FALSE(many.has_value());
    CHECK(many.error().code() == Errc::too_large);
}

TEST_CASE("no cut or changed byte of a workbook does harm") {
    const auto good = good_workbook();
    for (std::size_t at = 0; at < good.size(); at += 7) {
        (void)sheets_of_xlsx(std::string_view(good).substr(0, at));
        auto changed = good;
        changed[at] = static_cast<char>(changed[at] ^ 0x55);
        (void)sheets_of_xlsx(changed);
    }
}

TEST_CASE("the newest file of the name counts") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const Inbox inbox(files, directory.path());
    const auto now = SystemClock().utc();
    CHECK(!newest_signal_file(inbox, "", now)->has_value());
    for (const char* name : {"a_1.csv", "b_2.xlsx", "a_3.txt", ".a_4.csv", "~a_5.xlsx"})
        test::write_text(directory.path() + "/" + name, "x");
    CHECK(newest_signal_file(inbox, "a_", now)->value().name == "a_1.csv");
    CHECK(!newest_signal_file(inbox, "c_", now)->has_value());
}

TEST_CASE("a file of the future hides none of today, and counts for none itself") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const Inbox inbox(files, directory.path());
    const auto now = SystemClock().utc();
    test::write_text(directory.path() + "/later.csv", "x");
    // By the clock of a month ago what was written just now is of the future.
    const auto before = now - std::chrono::days(30);
    const auto alone = newest_signal_file(inbox, "", before)->value();
    CHECK(alone.name == "later.csv");
    CHECK_FALSE(is_fresh(alone.modified, before, std::chrono::hours(24), {}));
    test::write_text(directory.path() + "/today.csv", "x");
    std::filesystem::last_write_time(
        directory.path() + "/today.csv",
        std::filesystem::last_write_time(directory.path() + "/later.csv") - std::chrono::days(30));
    const auto both = newest_signal_file(inbox, "", before)->value();
    CHECK(both.name == "today.csv");
    CHECK(both.of_future == std::vector<std::string>{"later.csv"});
    CHECK(newest_signal_file(inbox, "", now)->value().name == "later.csv");
}

TEST_CASE("an inbox gives the files that are in it, and no others") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    test::write_text(directory.path() + "/a.csv", "rows");
    const Inbox inbox(files, directory.path());
    CHECK(inbox.names() == std::vector<std::string>{"a.csv"});
    CHECK(inbox.read("a.csv", 100) == "rows");
    CHECK(inbox.read("a.csv", 2).error().code() == Errc::too_large);
    CHECK(inbox.status("a.csv")->size == 4);
    for (const char* name : {"", ".", "..", "../shares.json", "/etc/hostname", "a/b.csv"}) {
        CAPTURE(name);
        CHECK(inbox.read(name, 100).error().code() == Errc::invalid);
        CHECK(inbox.status(name).error().code() == Errc::invalid);
    }
}

TEST_CASE("F5: of a signal file that is half written no row is read as another one") {
    const std::string whole =
        "Ticker,Entry_Price,Target1,Stop_Loss\n"
        "INFY,1340.05,1500,1299.90\n\"TCS\",3900,4100,3850\nSBIN,800,850,790\n";
    const auto all = read_signals("a.csv", whole);
    REQUIRE(all.has_value());
    REQUIRE(all->signals.size() == 3);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        const auto part = std::string_view(whole).substr(0, at);
        if (is_cut_short("a.csv", part))
            continue;
        const auto sheet = read_signals("a.csv", part);
        if (!sheet)
            continue;
        REQUIRE(sheet->signals.size() <= all->signals.size());
        CHECK(std::equal(sheet->signals.begin(), sheet->signals.end(), all->signals.begin()));
        CHECK(sheet->bad_rows.empty());
    }
    // The others have an end of their own.
    const std::string json =
        R"([{"Ticker":"INFY","Entry_Price":1340.05,"Target1":1500,"Stop_Loss":1299.9}])";
    REQUIRE(read_signals("a.json", json).has_value());
    for (std::size_t at = 0; at < json.size(); ++at)
        CHECK_FALSE(read_signals("a.json", std::string_view(json).substr(0, at)).has_value());
    // A byte less of the list of its parts, which is at its end, takes nothing away.
    const auto workbook = good_workbook();
    const auto rows = read_signals("a.xlsx", workbook);
    REQUIRE(rows.has_value());
    for (std::size_t at = 0; at < workbook.size(); at += 3) {
        const auto sheet = read_signals("a.xlsx", std::string_view(workbook).substr(0, at));
        CHECK((!sheet || sheet->signals == rows->signals));
    }
}
