"""What the columns of a shop's own files are called and hold, for `feed_mapping`."""

from __future__ import annotations

import re

FILE_NAMES = {
    "products": "product item catalog catalogue sku article variant merchant title"
    " offer",
    "users": "user customer visitor member household account client",
    "events": "event click interaction behavior behaviour transaction order log session"
    " tracker analytics view purchase basket",
    "queries": "query queries search",
    "relevance_labels": "relevance label judgement judgment qrel annotation grade",
    "reviews": "review comment feedback rating opinion",
    "recommendations": "recommendation impression slate exposure shown",
}
"""Parts of the names of files that hold a feed."""

COLUMN_NAMES = {
    "products": {
        "product_id": "productid itemid sku variantsku articleid articlenumber asin pid"
        " iid goodsid productuid productcode stockcode id item product",
        "source_system": "sourcesystem source merchant seller shop store vendorid",
        "title": "title name productname producttitle productdisplayname itemname",
        "description": "description productdescription bodyhtml body longdescription"
        " text",
        "category": "category categoryname categorycode categoryid producttype type"
        " department productclass categorylabel",
        "brand": "brand vendor manufacturer productbrand brandname maker",
        "price": "price variantprice unitprice listprice saleprice amount",
        "currency": "currency currencycode",
        "attributes": "attributes productattributes productfeatures properties"
        " features",
        "created_at": "createdat created published publishedat datecreated",
        "updated_at": "updatedat updated modified lastmodified modifiedat lastupdate",
    },
    "users": {
        "user_id": "userid customerid customer visitorid memberid uid householdid"
        " clientid"
        " accountid id user",
        "email": "email mail emailaddress",
        "phone": "phone telephone mobile phonenumber tel",
        "gender": "gender sex",
        "birth_year": "birthyear yearofbirth yob",
        "city": "city town location",
        "registered_at": "registeredat registered createdat joined joinedat signupdate"
        " registrationdate created",
        "updated_at": "updatedat updated lastmodified changed modifiedat",
    },
    "events": {
        "event_id": "eventid id rowid logid",
        "user_id": "userid customerid visitorid uid user customer memberid clientid"
        " userpseudoid householdid",
        "product_id": "productid itemid item product sku pid iid articleid stockcode"
        " asin"
        " contentid goodsid",
        "session_id": "sessionid session basketid orderid invoiceno invoice visitid"
        " usersession transactionid",
        "query_id": "queryid searchid",
        "event_type": "eventtype event eventname name action behavior behaviour type"
        " code"
        " behaviortype activity interaction interactiontype",
        "quantity": "quantity qty count units",
        "price": "price unitprice salesvalue amount value",
        "occurred_at": "occurredat timestamp time at ts date datetime eventtime"
        " eventdate"
        " eventtimestamp invoicedate createdat created tsms tsus tss",
        "ingested_at": "ingestedat receivedat loadedat processedat",
        "source_system": "sourcesystem source platform channel app",
    },
    "queries": {
        "query_id": "queryid qid searchid id",
        "query_text": "querytext query searchterm searchterms keyword keywords text q"
        " term",
        "locale": "locale language lang querylocale",
        "issued_at": "issuedat timestamp time date searchedat ts at createdat",
        "user_id": "userid customerid visitorid accountid memberid uid user customer",
        "session_id": "sessionid visitid session visit",
        "result_count": "resultcount results resultscount numresults nresults hits"
        " totalhits nhits",
    },
    "relevance_labels": {
        "query_id": "queryid qid query searchterm",
        "product_id": "productid itemid docid productuid pid sku asin product item",
        "label": "label relevance esci esclabel grade rating relevancescore judgement"
        " judgment score medianrelevance",
        "annotator": "annotator rater judge worker workerid assessor annotatorid",
        "labeled_at": "labeledat labelledat judgedat timestamp date time",
    },
    "reviews": {
        "review_id": "reviewid id commentid",
        "product_id": "productid itemid asin sku product item pid parentasin"
        " clothingid",
        "user_id": "userid customerid reviewerid user customer uid author",
        "rating": "rating stars score overall starrating",
        "review_text": "reviewtext text comment review content body reviewbody",
        "label": "label sentiment polarity good",
        "reviewed_at": "reviewedat timestamp date time reviewdate unixreviewtime"
        " createdat",
    },
    "recommendations": {
        "impression_id": "impressionid id exposureid",
        "user_id": "userid customerid user uid visitorid",
        "product_id": "productid itemid item product sku pid",
        "position": "position rank slot pos place",
        "shown_at": "shownat timestamp time ts date datetime at",
        "clicked": "clicked click isclicked isclick clk",
    },
}
"""Of each column of the contract the names that it goes by, letters and digits only;
the likeliest first."""

DISTINCTIVE = {
    "products": ("title", "brand", "category", "description", "price", "currency"),
    "users": ("email", "phone", "gender", "birth_year", "city", "registered_at"),
    "events": ("event_type", "session_id", "occurred_at", "quantity"),
    "queries": ("query_text", "locale"),
    "relevance_labels": ("label", "annotator"),
    "reviews": ("review_text", "rating", "label"),
    "recommendations": ("position", "clicked", "shown_at"),
}
"""What tells a feed from the others."""

TIMES = frozenset(
    "created_at updated_at registered_at occurred_at ingested_at issued_at labeled_at"
    " reviewed_at shown_at".split()
)
NUMBERS = frozenset("price quantity rating birth_year position".split())

VOCABULARIES = {
    ("events", "event_type"): {
        "view": "pv pageview viewitem productview detail detailview viewproduct browse"
        " pageviewed viewed",
        "click": "clk clicked selectitem clickout",
        "add_to_cart": "cart addcart addtobasket addtocartevent basket",
        "remove_from_cart": "removecart removefrombasket",
        "checkout": "begincheckout initiatecheckout",
        "purchase": "buy order transaction bought sale purchased conversion",
        "cancel": "cancellation cancelled canceled",
        "return": "refund returned",
        "favorite": "fav favourite like wishlist addtowishlist addtofavorites collect",
        "share": "shared",
        "rate": "rated rating",
        "search": "searched viewsearchresults",
        "impression": "viewitemlist shown exposure",
    },
    ("users", "gender"): {
        "female": "f w woman weiblich femme",
        "male": "m man männlich homme",
        "other": "o x diverse nonbinary",
    },
    ("relevance_labels", "label"): {
        "exact": "e exactmatch perfect",
        "substitute": "s partial partialmatch",
        "complement": "c",
        "irrelevant": "i notrelevant bad",
    },
    ("reviews", "label"): {
        "good": "pos positive true",
        "bad": "neg negative false",
    },
}
"""Of each closed vocabulary the values, and other names of each."""


def plain(name: str) -> str:
    """Return a name in lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", name.casefold())
